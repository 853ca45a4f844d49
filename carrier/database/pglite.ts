import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { resolve } from 'node:path';
import { CarrierError } from '../carrier-error.ts';
import { type Database, INT8_OID, NUMERIC_OID, safeInteger } from './database.ts';

/** PostgreSQL inside this process (WebAssembly), in a directory of its own; undefined: in memory, for tests. */
export async function openPglite(directory: string | undefined): Promise<Database> {
	const lock = directory === undefined ? undefined : await lockDirectory(resolve(directory));
	const { PGlite } = await import('@electric-sql/pglite');
	if (directory !== undefined) mkdirSync(directory, { recursive: true, mode: 0o700 });
	const lite = await PGlite.create({
		...(directory === undefined ? {} : { dataDir: directory }),
		parsers: { [INT8_OID]: safeInteger, [NUMERIC_OID]: safeInteger },
	});
	let isClosed = false;
	return {
		kind: 'pglite',
		query: async <Row>(text: string, values: readonly unknown[] = []) =>
			(await lite.query<Row>(text, values as unknown[])).rows,
		// There is one connection: nobody to have a deadlock with.
		transaction: async (work) =>
			await lite.transaction(
				async (tx) =>
					await work({
						query: async <Row>(text: string, values: readonly unknown[] = []) =>
							(await tx.query<Row>(text, values as unknown[])).rows,
					}),
			),
		script: async (text) => {
			await lite.exec(text);
		},
		async close() {
			if (isClosed) return;
			isClosed = true;
			await lite.close();
			lock?.close();
		},
	};
}

/** Two processes in one directory would destroy it. The kernel gives an abstract socket back however we end. */
async function lockDirectory(path: string): Promise<Server> {
	const name = createHash('sha256').update(path).digest('hex').slice(0, 32);
	const server = createServer();
	await new Promise<void>((done, fail) => {
		server.once('error', (cause) =>
			fail(
				new CarrierError('database_in_use', `another process has the database in ${path} open`, {
					fix: 'use the HTTP API of the running platform, stop it, or give it a PostgreSQL server',
					cause,
				}),
			),
		);
		server.listen(`\0octroi-carrier-${name}`, done);
	});
	server.unref();
	return server;
}
