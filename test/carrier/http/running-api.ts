import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { Database } from '../../../carrier/database/database.ts';
import { makeHttpServer } from '../../../carrier/http/http-server.ts';
import { newToken, Tokens } from '../../../carrier/http/tokens.ts';
import { KeyRing } from '../../../carrier/key/key-ring.ts';
import { Metrics } from '../../../carrier/metrics.ts';
import type { PublishedPolicy } from '../../../carrier/policy/policies.ts';
import { keepingLog, type Line } from '../logged.ts';
import { NOW, SLICES } from '../scene.ts';

/** The API on a database, without a socket and without a broker: what it would send is kept. */
export type RunningApi = {
	readonly app: FastifyInstance;
	readonly token: string;
	/** Of its tokens. */
	readonly tokenFile: string;
	readonly published: PublishedPolicy[];
	readonly lines: Line[];
	now: number;
	ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<LightMyRequestResponse>;
	stop(): Promise<void>;
};

export async function startApi(database: Database): Promise<RunningApi> {
	const directory = mkdtempSync(join(tmpdir(), 'octroi-api-'));
	const tokenFile = join(directory, 'tokens');
	writeFileSync(tokenFile, '');
	const token = newToken(tokenFile, 'grace', randomBytes);
	const keys = new KeyRing(join(directory, 'keys'));
	keys.create('first');
	const { log, lines } = keepingLog();
	const published: PublishedPolicy[] = [];
	const running = { now: NOW };
	const app = await makeHttpServer({
		database,
		keys,
		log,
		slices: SLICES,
		clock: { wallMs: () => running.now, after: () => () => undefined },
		random: randomBytes,
		tokens: Tokens.read(tokenFile),
		metrics: new Metrics(),
		secret: randomBytes(32),
		health: async () => ({ database: true, databaseAnsweredSecondsAgo: 0, broker: true, ingest: true }),
		privateHosts: [],
		trustedProxies: ['127.0.0.1'],
		secureCookie: 'auto',
		sender: {
			sendDue: async () => 0,
			sendPolicy: async (policy) => {
				published.push(policy);
			},
		},
	});
	return Object.assign(running, {
		app,
		token,
		tokenFile,
		published,
		lines,
		ask: async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) =>
			await app.inject({
				method,
				url: path,
				headers: {
					authorization: `Bearer ${token}`,
					...(body === undefined ? {} : { 'content-type': 'application/json' }),
				},
				...(body === undefined ? {} : { payload: JSON.stringify(body) }),
			}),
		async stop() {
			await app.close();
			rmSync(directory, { recursive: true, force: true });
		},
	});
}
