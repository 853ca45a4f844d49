import { createRequire } from 'node:module';
import type { CustomTypesConfig, Pool, PoolClient } from 'pg';
import type { Log } from '../log.ts';
import { type Database, INT8_OID, NUMERIC_OID, type Queryable, safeInteger, shallRetry } from './database.ts';

/** One process needs few: a worker has one transaction at a time, the API some. 100 processes stay below the default of PgBouncer. */
const CONNECTIONS_MAX = 8;
const CONNECT_TIMEOUT_MS = 10_000;
/** Far above what any statement of ours takes; a lock that nobody gives back must not hold a worker for ever. */
const STATEMENT_TIMEOUT_MS = 30_000;

/** A pool of connections to a PostgreSQL server, named by a URL of libpq (`postgres://…`, also with a Unix socket). */
export async function openPostgres(url: string, log: Log): Promise<Database> {
	// A CommonJS package, loaded only by who has a server.
	const pg = createRequire(import.meta.url)('pg') as typeof import('pg');
	const types: CustomTypesConfig = {
		getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
			oid === INT8_OID || oid === NUMERIC_OID
				? safeInteger
				: pg.types.getTypeParser(oid, format as 'text')) as CustomTypesConfig['getTypeParser'],
	};
	const pool: Pool = new pg.Pool({
		connectionString: url,
		max: CONNECTIONS_MAX,
		connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
		statement_timeout: STATEMENT_TIMEOUT_MS,
		types,
	});
	// An idle connection that the server ends is replaced by the pool; without a listener it would end the process.
	pool.on('error', (error) => log.warn({ error: error.message }, 'an idle database connection ended'));
	let isClosed = false;
	return {
		kind: 'postgres',
		query: async (text, values = []) => (await pool.query(text, values as unknown[])).rows,
		async transaction(work) {
			for (let attempt = 1; ; attempt++) {
				const client = await pool.connect();
				try {
					return await inTransaction(client, work);
				} catch (error) {
					if (!shallRetry(error, attempt)) throw error;
					log.debug({ attempt }, 'a transaction is tried again');
				} finally {
					client.release();
				}
			}
		},
		script: async (text) => {
			await pool.query(text);
		},
		async close() {
			if (isClosed) return;
			isClosed = true;
			await pool.end();
		},
	};
}

async function inTransaction<Answer>(client: PoolClient, work: (tx: Queryable) => Promise<Answer>): Promise<Answer> {
	await client.query('BEGIN');
	try {
		const answer = await work({
			query: async (text, values = []) => (await client.query(text, values as unknown[])).rows,
		});
		await client.query('COMMIT');
		return answer;
	} catch (error) {
		// Of a connection that is gone the server forgets the transaction by itself; the first error is the one that counts.
		await client.query('ROLLBACK').catch(() => undefined);
		throw error;
	}
}
