import { CarrierError } from '../carrier-error.ts';
import { loadConfig } from '../config.ts';
import { openDatabase } from '../database/open-database.ts';
import { newToken } from '../http/tokens.ts';
import { KeyRing } from '../key/key-ring.ts';
import { silentLog } from '../log.ts';
import { verify } from '../verify.ts';
import { askApi, type Request } from './ask-api.ts';
import {
	API_OPTIONS,
	type CliCommand,
	type CliOption,
	CONFIG_OPTION,
	CONFIG_PATH_DEFAULT,
	type Given,
} from './cli-command.ts';

type Order = {
	words: string;
	arguments?: string;
	summary: string;
	options?: readonly CliOption[];
	request: (given: Given, read: (path: string) => unknown) => Request;
};

/** A command that asks the running platform. */
function asking({ words, arguments: names = '', summary, options = [], request }: Order): CliCommand {
	return {
		words: words.split(' '),
		arguments: names === '' ? [] : names.split(' '),
		summary,
		options: [...options, ...API_OPTIONS],
		run: async (given, environment) => {
			const read = (path: string): unknown => {
				try {
					return JSON.parse(environment.readFile(path));
				} catch (cause) {
					throw new CarrierError('invalid_value', `${path}: ${(cause as Error).message}`, { cause });
				}
			};
			return await askApi(given, environment, request(given, read));
		},
	};
}

const configPath = ({ options }: Given) => options.config ?? CONFIG_PATH_DEFAULT;
const at = ({ words }: Given, index: number) => encodeURIComponent(words[index] as string);
const CREDIT: readonly CliOption[] = [
	{ name: 'plan', value: 'NAME', about: 'what was bought' },
	{ name: 'bytes', value: 'NUMBER', about: 'instead of a plan' },
];

/** `--plan` or `--bytes`, as the API has it. */
function bought({ options }: Given): object {
	return options.bytes === undefined
		? { plan: options.plan }
		: { credit: { unit: 'byte', amount: Number(options.bytes) } };
}

function running(name: 'serve' | 'worker', withHttp: boolean, summary: string): CliCommand {
	return {
		words: [name],
		arguments: [],
		summary,
		options: [CONFIG_OPTION],
		run: async (given, { serve }) => {
			await serve({ configPath: configPath(given), withHttp });
			return undefined;
		},
	};
}

function withKeys(words: string, summary: string, run: (ring: KeyRing, kid: string) => unknown): CliCommand {
	return {
		words: words.split(' '),
		arguments: ['NAME'],
		summary,
		options: [CONFIG_OPTION],
		run: async (given) => run(new KeyRing(loadConfig(configPath(given)).keys), given.words[0] as string),
	};
}

/** Every command, in the order of the help. */
export const CARRIER_COMMANDS: readonly CliCommand[] = [
	running('serve', true, 'Run the platform: HTTP API, page, and a worker'),
	running('worker', false, 'Run one more worker beside it (PostgreSQL only)'),
	withKeys('key new', 'Make a signing key; the first one signs at once', (ring, kid) => {
		const { x } = ring.create(kid);
		return { kid, accessPointSetting: `${kid}:${x}` };
	}),
	withKeys(
		'key rotate',
		'From now on this key signs; publish a policy before, so that access points know it',
		(ring, kid) => {
			ring.rotate(kid);
			return { signs: kid };
		},
	),
	withKeys('key revoke', 'From the next policy on this key is believed no longer', (ring, kid) => {
		ring.revoke(kid);
		return { revoked: kid };
	}),
	{
		words: ['token', 'new'],
		arguments: ['NAME'],
		summary: 'Make an API token for somebody; it is shown once',
		options: [CONFIG_OPTION],
		run: async (given, { random }) => {
			const { http } = loadConfig(configPath(given));
			if (http === undefined) throw new CarrierError('config_invalid', 'there is no "http" in the configuration');
			return { token: newToken(http.tokens, given.words[0] as string, random) };
		},
	},
	asking({
		words: 'ap add',
		arguments: 'AP TITLE',
		summary: 'Let an access point report here',
		request: ({ words: [ap, title] }) => ({ method: 'POST', path: '/v1/access-points', body: { ap, title } }),
	}),
	asking({
		words: 'ap list',
		summary: 'Access points and how they are',
		request: () => ({ method: 'GET', path: '/v1/access-points?limit=500' }),
	}),
	asking({
		words: 'account create',
		arguments: 'ACCOUNT TITLE',
		summary: 'Make an account',
		request: ({ words: [account, title] }) => ({ method: 'POST', path: '/v1/accounts', body: { account, title } }),
	}),
	asking({
		words: 'account show',
		arguments: 'ACCOUNT',
		summary: 'Balances, and usage over all access points',
		request: (given) => ({ method: 'GET', path: `/v1/accounts/${at(given, 0)}` }),
	}),
	asking({
		words: 'account list',
		summary: 'Accounts',
		request: () => ({ method: 'GET', path: '/v1/accounts?limit=500' }),
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
	asking({ words: 'plan list', summary: 'What is sold', request: () => ({ method: 'GET', path: '/v1/plans' }) }),
	asking({
		words: 'plan put',
		arguments: 'FILE',
		summary: 'Set what is sold under a name',
		request: ({ words: [file] }, read) => ({ method: 'PUT', path: '/v1/plans', body: read(file as string) }),
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
		options: CREDIT,
		request: (given) => ({
			method: 'POST',
			path: '/v1/voucher-batches',
			body: { batch: given.words[0], count: Number(given.words[1]), ...bought(given) },
		}),
	}),
	asking({
		words: 'voucher redeem',
		arguments: 'CODE ACCOUNT',
		summary: 'Credit an account with a code, once',
		request: ({ words: [code, account] }) => ({ method: 'POST', path: '/v1/vouchers/redeem', body: { code, account } }),
	}),
	asking({
		words: 'command',
		arguments: 'AP ID FILE',
		summary: 'Send a command to an access point; it takes effect once',
		request: (given, read) => ({
			method: 'POST',
			path: `/v1/access-points/${at(given, 0)}/commands`,
			body: { id: given.words[1], body: read(given.words[2] as string) },
		}),
	}),
	{
		words: ['verify'],
		arguments: [],
		summary: 'Prove the invariants on the whole store; status 7 if one is broken',
		options: [CONFIG_OPTION],
		run: async (given) => {
			const database = await openDatabase(loadConfig(configPath(given)).database, silentLog);
			try {
				const verdicts = await verify(database);
				const broken = verdicts.filter((verdict) => verdict.broken.length > 0);
				if (broken.length === 0) return { invariants: verdicts.map(({ sentence }) => sentence), broken: 0 };
				throw new CarrierError('broken_invariant', 'the books do not add up', {
					faults: broken.map(({ sentence, broken: names }) => `${sentence}: ${names.join(', ')}`),
				});
			} finally {
				await database.close();
			}
		},
	},
];
