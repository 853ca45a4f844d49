import { asking, at, LIMIT, query } from './asking.ts';
import type { CliCommand } from './cli-command.ts';

/** Where accounts may be spent, and what access points said that is not booked. */
export const ADMISSION_COMMANDS: readonly CliCommand[] = [
	asking({
		words: 'account bind',
		arguments: 'ACCOUNT AP',
		summary: 'Let an access point, or "all", spend an account',
		request: (given) => ({ method: 'PUT', path: `/v1/accounts/${at(given, 0)}/access-points/${at(given, 1)}` }),
	}),
	asking({
		words: 'account unbind',
		arguments: 'ACCOUNT AP',
		summary: 'It is not spent there any more; what is out is called back',
		request: (given) => ({ method: 'DELETE', path: `/v1/accounts/${at(given, 0)}/access-points/${at(given, 1)}` }),
	}),
	asking({
		words: 'account places',
		arguments: 'ACCOUNT',
		summary: 'Where an account may be spent',
		request: (given) => ({ method: 'GET', path: `/v1/accounts/${at(given, 0)}/access-points` }),
	}),
	asking({
		words: 'account code',
		arguments: 'ACCOUNT',
		summary: 'Make a new code with which the customer spends it anywhere; shown once',
		request: (given) => ({ method: 'POST', path: `/v1/accounts/${at(given, 0)}/code` }),
	}),
	asking({
		words: 'review list',
		summary: 'What access points said that was not booked, for a person',
		options: [
			{ name: 'after', value: 'NAME', about: 'what is behind it: `next` of the page before; of records a position' },
			LIMIT,
			{ name: 'settled', value: 'YES', about: '`yes`: those that were settled; `no` (the default): those that wait' },
		],
		request: (given) => ({ method: 'GET', path: `/v1/reviews${query(given, 'after', 'limit', 'settled')}` }),
	}),
	asking({
		words: 'review settle',
		arguments: 'ID',
		summary: 'Somebody has looked at it',
		options: [{ name: 'charge', value: 'BYTES', about: 'to be charged to the account that the entry names' }],
		request: (given) => ({
			method: 'POST',
			path: `/v1/reviews/${at(given, 0)}/settle`,
			body: given.options.charge === undefined ? {} : { charge: Number(given.options.charge) },
		}),
	}),
];
