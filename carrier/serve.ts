import { CarrierError } from './carrier-error.ts';
import type { Clock } from './clock.ts';
import type { CarrierConfig } from './config.ts';
import { makeHttpServer } from './http/http-server.ts';
import { Tokens } from './http/tokens.ts';
import type { Log } from './log.ts';
import { type Platform, startPlatform } from './platform.ts';

const SECRET_BYTES = 32;

export type ServeOptions = {
	readonly config: CarrierConfig;
	readonly withHttp: boolean;
	readonly clock: Clock;
	readonly log: Log;
	readonly random: (bytes: number) => Uint8Array;
	readonly stop: AbortSignal;
	/** Called with the address once everything runs. */
	readonly onReady?: (url: string | undefined) => void;
};

/** Runs the platform until it is told to stop. */
export async function runServe({ config, withHttp, clock, log, random, stop, onReady }: ServeOptions): Promise<void> {
	const { http, database: place } = config;
	if (withHttp && http === undefined)
		throw new CarrierError('config_invalid', '"http" is missing', { fix: 'docs/carrier-platform.md' });
	if (!withHttp && !('url' in place)) {
		throw new CarrierError('config_invalid', 'a worker of its own needs a PostgreSQL server', {
			fix: 'the embedded database belongs to one process: run `serve`',
		});
	}
	// A file that cannot be read is found before anything is open.
	const tokens = withHttp && http !== undefined ? Tokens.read(http.tokens) : undefined;
	const { privateHosts } = config.webhooks;
	const platform = await startPlatform({ ...config, privateHosts, clock, log });
	const app =
		tokens === undefined || http === undefined
			? undefined
			: await makeHttpServer({
					...platform,
					sender: patient(platform, log),
					slices: config.slices,
					clock,
					log: log.child({ part: 'http' }),
					random,
					tokens,
					privateHosts,
					trustedProxies: http.trustedProxies,
					secureCookie: http.secureCookie,
					secret: random(SECRET_BYTES),
				});
	try {
		const url = http === undefined ? undefined : await app?.listen({ host: http.host, port: http.port });
		log.info({ url, database: platform.database.kind }, 'the platform runs');
		onReady?.(url);
		if (!stop.aborted) await new Promise((done) => stop.addEventListener('abort', done, { once: true }));
	} finally {
		await app?.close();
		await platform.stop();
	}
}

/** What is asked for is committed when it is to be sent: a broker that is away must not make the answer an error. It is sent later. */
function patient({ sender }: Platform, log: Log): Pick<Platform['sender'], 'sendDue' | 'sendPolicy'> {
	const later = (error: unknown): void =>
		log.warn({ error: (error as Error).message }, 'not sent yet: the broker is away');
	return {
		sendDue: async () =>
			await sender.sendDue().catch((error) => {
				later(error);
				return 0;
			}),
		sendPolicy: async (policy) => await sender.sendPolicy(policy).catch(later),
	};
}
