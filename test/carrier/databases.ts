import { randomUUID } from 'node:crypto';
import type { ExecutionContext, TestFn } from 'ava';
import type { Database } from '../../carrier/database/database.ts';
import { migrate } from '../../carrier/database/migrate.ts';
import { openDatabase } from '../../carrier/database/open-database.ts';
import { silentLog } from '../../carrier/log.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

const TEMPLATE = 'octroi_template';

/** The same test on both stores: a PostgreSQL server, and PGlite in the process. */
export type OnBoth = (title: string, body: (t: ExecutionContext, database: Database) => Promise<void>) => void;

/** Starts a server for this file of tests, when the first test needs it, and gives each test a database of its own. */
export function onBothDatabases(test: TestFn): OnBoth {
	let server: Promise<PostgresServer> | undefined;
	let template: Promise<unknown> | undefined;
	let lite: Database | undefined;
	test.after.always(async () => {
		await (await server)?.stop();
		await lite?.close();
	});
	/** It takes seconds to start, so a file of tests has one, and each test a schema of its own in it. */
	async function freshPglite(): Promise<Database> {
		lite ??= await openDatabase({ directory: undefined }, silentLog);
		await lite.script('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
		await migrate(lite, silentLog);
		return { ...lite, close: async () => undefined };
	}
	async function freshPostgres(): Promise<Database> {
		server ??= startPostgres();
		const { url } = await server;
		template ??= prepare(url);
		await template;
		const name = `test_${randomUUID().replaceAll('-', '')}`;
		await administer(url, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
		return await openDatabase({ url: url(name) }, silentLog);
	}
	return (title, body) => {
		for (const [kind, open] of [
			['PostgreSQL', freshPostgres],
			['PGlite', freshPglite],
		] as const) {
			test.serial(`${title} (${kind})`, async (t) => {
				const database = await open();
				try {
					await body(t, database);
				} finally {
					await database.close();
				}
			});
		}
	};
}

async function prepare(url: (database: string) => string): Promise<void> {
	await administer(url, `CREATE DATABASE ${TEMPLATE}`);
	await (await openDatabase({ url: url(TEMPLATE) }, silentLog)).close();
}

async function administer(url: (database: string) => string, statement: string): Promise<void> {
	const { openPostgres } = await import('../../carrier/database/postgres.ts');
	const database = await openPostgres(url('postgres'), silentLog);
	try {
		await database.script(statement);
	} finally {
		await database.close();
	}
}
