import { CarrierError } from '../carrier-error.ts';
import { loadConfig } from '../config.ts';
import { openDatabase } from '../database/open-database.ts';
import { newToken, removeTokens } from '../http/tokens.ts';
import { KeyRing } from '../key/key-ring.ts';
import { silentLog } from '../log.ts';
import { verify } from '../verify.ts';
import { type CliCommand, CONFIG_OPTION, CONFIG_PATH_DEFAULT, type Given } from './cli-command.ts';

const configPath = ({ options }: Given) => options.config ?? CONFIG_PATH_DEFAULT;
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

/** To run the platform: what needs its configuration, not its API. */
export const PLATFORM_COMMANDS: readonly CliCommand[] = [
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
	{
		words: ['token', 'remove'],
		arguments: ['NAME'],
		summary: 'All tokens of somebody are worth nothing from now on, in every process',
		options: [CONFIG_OPTION],
		run: async (given) => {
			const { http } = loadConfig(configPath(given));
			if (http === undefined) throw new CarrierError('config_invalid', 'there is no "http" in the configuration');
			return { removed: removeTokens(http.tokens, given.words[0] as string) };
		},
	},
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
