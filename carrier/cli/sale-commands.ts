import { asking, at, bought, CREDIT, PAGE, query } from './asking.ts';
import type { CliCommand } from './cli-command.ts';

/** Plans, policies, vouchers, rates, subscriptions. */
export const SALE_COMMANDS: readonly CliCommand[] = [
	asking({ words: 'plan list', summary: 'What is sold', request: () => ({ method: 'GET', path: '/v1/plans' }) }),
	asking({
		words: 'plan put',
		arguments: 'FILE',
		summary: 'Set what is sold under a name',
		request: ({ words: [file] }, read) => ({ method: 'PUT', path: '/v1/plans', body: read(file as string) }),
	}),
	asking({
		words: 'policy list',
		summary: 'The newest policy of each audience',
		request: () => ({ method: 'GET', path: '/v1/policies' }),
	}),
	asking({
		words: 'policy show',
		arguments: 'AUDIENCE',
		summary: 'The policy of an access point or of all, and what they said of it',
		request: (given) => ({ method: 'GET', path: `/v1/policies/${at(given, 0)}` }),
	}),
	asking({
		words: 'policy diff',
		arguments: 'AUDIENCE FILE',
		summary: 'What would change; nothing is sent',
		request: (given, read) => ({
			method: 'POST',
			path: `/v1/policies/${at(given, 0)}/diff`,
			body: read(given.words[1] as string),
		}),
	}),
	asking({
		words: 'policy publish',
		arguments: 'AUDIENCE FILE',
		summary: 'Make it the policy, and send it',
		request: (given, read) => ({
			method: 'POST',
			path: `/v1/policies/${at(given, 0)}`,
			body: read(given.words[1] as string),
		}),
	}),
	asking({
		words: 'voucher make',
		arguments: 'BATCH COUNT',
		summary: 'Make codes; they are shown once',
		options: [...CREDIT, { name: 'expires', value: 'MS', about: 'of codes, in ms since 1970; without it never' }],
		request: (given) => ({
			method: 'POST',
			path: '/v1/voucher-batches',
			body: {
				batch: given.words[0],
				count: Number(given.words[1]),
				...bought(given),
				...(given.options.expires === undefined ? {} : { expiresAt: Number(given.options.expires) }),
			},
		}),
	}),
	asking({
		words: 'voucher redeem',
		arguments: 'CODE ACCOUNT',
		summary: 'Credit an account with a code, once',
		request: ({ words: [code, account] }) => ({ method: 'POST', path: '/v1/vouchers/redeem', body: { code, account } }),
	}),
	asking({
		words: 'voucher revoke',
		arguments: 'BATCH',
		summary: 'Codes of a batch that nobody has used are worth nothing from now on',
		request: (given) => ({ method: 'DELETE', path: `/v1/voucher-batches/${at(given, 0)}` }),
	}),
	asking({
		words: 'rate list',
		summary: 'How usage is rated, in the order in which rates are asked',
		request: () => ({ method: 'GET', path: '/v1/rates' }),
	}),
	asking({
		words: 'rate put',
		arguments: 'FILE',
		summary: 'Set a rate; records that were rated keep their price',
		request: (given, read) => ({ method: 'PUT', path: '/v1/rates', body: read(given.words[0] as string) }),
	}),
	asking({
		words: 'rate remove',
		arguments: 'NAME',
		summary: 'Remove a rate',
		request: (given) => ({ method: 'DELETE', path: `/v1/rates/${at(given, 0)}` }),
	}),
	asking({
		words: 'record list',
		arguments: 'ROUTE',
		summary: 'Rated records of a destination, the oldest first',
		options: PAGE,
		request: (given) => ({
			method: 'GET',
			path: `/v1/routes/${at(given, 0)}/records${query(given, 'after', 'limit')}`,
		}),
	}),
	asking({
		words: 'subscription list',
		summary: 'Who is told what; without the secrets',
		request: () => ({ method: 'GET', path: '/v1/subscriptions' }),
	}),
	asking({
		words: 'subscription add',
		arguments: 'FILE',
		summary: 'Follow events, or be the destination of rated records',
		request: (given, read) => ({ method: 'POST', path: '/v1/subscriptions', body: read(given.words[0] as string) }),
	}),
	asking({
		words: 'subscription remove',
		arguments: 'ID',
		summary: 'Tell it nothing any more',
		request: (given) => ({ method: 'DELETE', path: `/v1/subscriptions/${at(given, 0)}` }),
	}),
];
