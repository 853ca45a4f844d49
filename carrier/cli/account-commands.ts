import { asking, at, bought, CREDIT, PAGE, query } from './asking.ts';
import type { CliCommand } from './cli-command.ts';

/** Accounts, sales to them, shared allowances. */
export const ACCOUNT_COMMANDS: readonly CliCommand[] = [
	asking({
		words: 'account create',
		arguments: 'ACCOUNT TITLE',
		summary: 'Make an account',
		request: ({ words: [account, title] }) => ({ method: 'POST', path: '/v1/accounts', body: { account, title } }),
	}),
	asking({
		words: 'account show',
		arguments: 'ACCOUNT',
		summary: 'Balances, packages, and usage over all access points',
		request: (given) => ({ method: 'GET', path: `/v1/accounts/${at(given, 0)}` }),
	}),
	asking({
		words: 'account list',
		summary: 'Accounts',
		options: PAGE,
		request: (given) => ({ method: 'GET', path: `/v1/accounts${query(given, 'after', 'limit')}` }),
	}),
	asking({
		words: 'account block',
		arguments: 'ACCOUNT',
		summary: 'Block an account; what it has out is called back',
		request: (given) => ({ method: 'PUT', path: `/v1/accounts/${at(given, 0)}/state`, body: { state: 'blocked' } }),
	}),
	asking({
		words: 'account unblock',
		arguments: 'ACCOUNT',
		summary: 'Let it be again',
		request: (given) => ({ method: 'PUT', path: `/v1/accounts/${at(given, 0)}/state`, body: { state: 'active' } }),
	}),
	asking({
		words: 'account usage',
		arguments: 'ACCOUNT',
		summary: 'Usage by the hour, the newest first',
		options: [{ name: 'from', value: 'MS', about: 'not before this time, in ms since 1970' }],
		request: (given) => ({ method: 'GET', path: `/v1/accounts/${at(given, 0)}/usage${query(given, 'from')}` }),
	}),
	asking({
		words: 'topup',
		arguments: 'ACCOUNT SHOP TRANSACTION',
		summary: "Credit an account once for a shop's transaction",
		options: [...CREDIT, { name: 'ap', value: 'AP', about: 'where the account lives, if it is not here' }],
		request: (given) => ({
			method: 'POST',
			path: '/v1/sales',
			body: {
				account: given.words[0],
				shop: given.words[1],
				transaction: given.words[2],
				...bought(given),
				ap: given.options.ap,
			},
		}),
	}),
	asking({
		words: 'allowance put',
		arguments: 'ACCOUNT FILE',
		summary: 'Share the balance of an account among members, on all access points',
		request: (given, read) => ({
			method: 'PUT',
			path: `/v1/allowances/${at(given, 0)}`,
			body: read(given.words[1] as string),
		}),
	}),
	asking({
		words: 'allowance show',
		arguments: 'ACCOUNT',
		summary: 'What is left, and what each member has had and may have',
		request: (given) => ({ method: 'GET', path: `/v1/allowances/${at(given, 0)}` }),
	}),
	asking({
		words: 'allowance reset',
		arguments: 'ACCOUNT',
		summary: 'Begin a new cycle now',
		request: (given) => ({ method: 'POST', path: `/v1/allowances/${at(given, 0)}/reset` }),
	}),
	asking({
		words: 'member put',
		arguments: 'ALLOWANCE ACCOUNT',
		summary: 'Let an account spend a shared allowance, or change its weight',
		options: [{ name: 'weight', value: 'NUMBER', about: 'of its share: 1 (the default) to 1000' }],
		request: (given) => ({
			method: 'PUT',
			path: `/v1/allowances/${at(given, 0)}/members/${at(given, 1)}`,
			body: { weight: Number(given.options.weight ?? 1) },
		}),
	}),
	asking({
		words: 'member remove',
		arguments: 'ALLOWANCE ACCOUNT',
		summary: 'It spends its own balance again',
		request: (given) => ({ method: 'DELETE', path: `/v1/allowances/${at(given, 0)}/members/${at(given, 1)}` }),
	}),
];
