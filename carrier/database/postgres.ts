import { createRequire } from 'node:module';
import type { CustomTypesConfig, Pool, PoolClient } from 'pg';
import type { Log } from '../log.ts';
import { type Database, INT8_OID, NUMERIC_OID, type Queryable, safeInteger, shallRetry } from './database.ts';
import { CONNECTION_FAILURE, natureOf, sqlStateOf } from './sqlstates.ts';

/** One process needs few: a worker has one transaction at a time, the API some. 100 processes stay below the default of PgBouncer. */
const CONNECTIONS_MAX = 8;
/** A connection without traffic is asked whether it is still there; Node sends ten more probes, a second apart. */
const KEEP_ALIVE_MS = 10_000;

export type PostgresTimeouts = {
	/** Until a connection stands, or one of the pool is free. */
	readonly connectMs: number;
	/** Far above what any statement of ours takes; a lock that nobody gives back must not hold a worker for ever. */
	readonly statementMs: number;
	/** Of a process that sleeps, or of a connection that is silently dead: the server must not hold its locks for ever. */
	readonly idleInTransactionMs: number;
	/** Beyond the time that the server has for a statement: then the connection is dead, and nobody says so. */
	readonly graceMs: number;
};

export const POSTGRES_TIMEOUTS: PostgresTimeouts = {
	connectMs: 10_000,
	statementMs: 30_000,
	idleInTransactionMs: 30_000,
	graceMs: 5000,
};

/**
 * A pool of connections to a PostgreSQL server, named by a URL of libpq (`postgres://…`, also with a Unix socket). Nothing depends on the
 * state of a session: no statement is prepared by name, nothing is SET beyond a transaction, and the start-up packet names user and
 * database alone. So a pooler may stand between that gives each transaction another session.
 *
 * A connection that ends or says nothing is an error of whoever uses it, with the SQLSTATE {@link CONNECTION_FAILURE}, and never of the
 * process.
 */
export async function openPostgres(
	url: string,
	log: Log,
	timeouts: PostgresTimeouts = POSTGRES_TIMEOUTS,
): Promise<Database> {
	const pool = poolOf(url, log, timeouts);
	let isClosed = false;
	const ask = async <Row>(text: string, values?: readonly unknown[]): Promise<Row[]> => {
		try {
			return (await pool.query(text, values as unknown[])).rows;
		} catch (error) {
			throw asAnswered(error);
		}
	};
	return {
		kind: 'postgres',
		query: async (text, values = []) => await ask(text, values),
		async transaction(work, { timeoutMs = timeouts.statementMs } = {}) {
			for (let attempt = 1; ; attempt++) {
				try {
					return await inTransaction(pool, work, { ...timeouts, statementMs: timeoutMs });
				} catch (error) {
					if (!shallRetry(error, attempt)) throw error;
					log.debug({ attempt }, 'a transaction is tried again');
				}
			}
		},
		script: async (text) => {
			await ask(text);
		},
		async close() {
			if (isClosed) return;
			isClosed = true;
			await pool.end();
		},
	};
}

function poolOf(url: string, log: Log, { connectMs, statementMs, graceMs }: PostgresTimeouts): Pool {
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
		connectionTimeoutMillis: connectMs,
		// By the clock of this process: what the server does with it is said within each transaction.
		query_timeout: statementMs + graceMs,
		keepAlive: true,
		keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
		types,
	});
	// An idle connection that the server ends is replaced by the pool; without a listener it would end the process.
	pool.on('error', (error) => log.warn({ error: error.message }, 'an idle database connection ended'));
	// So would one that somebody holds and does not ask anything at this moment. Who holds it hears of it by his next question.
	pool.on('connect', (client) => void client.on('error', () => undefined));
	return pool;
}

async function inTransaction<Answer>(
	pool: Pool,
	work: (tx: Queryable) => Promise<Answer>,
	{ statementMs, idleInTransactionMs, graceMs }: PostgresTimeouts,
): Promise<Answer> {
	const client = await pool.connect().catch((error: unknown) => {
		throw asAnswered(error);
	});
	const answerMs = statementMs + graceMs;
	const ask = async <Row>(text: string, values?: readonly unknown[]): Promise<Row[]> => {
		try {
			// The package's types do not have the time-out of one statement.
			return (await client.query<Row & object>({ text, values, query_timeout: answerMs } as never)).rows;
		} catch (error) {
			throw asAnswered(error);
		}
	};
	let broken: Error | undefined;
	try {
		await ask(
			`BEGIN; SET LOCAL statement_timeout = ${statementMs}; SET LOCAL idle_in_transaction_session_timeout = ${idleInTransactionMs}`,
		);
		const answer = await work({ query: ask });
		await ask('COMMIT');
		return answer;
	} catch (error) {
		broken = await rolledBack(client, error);
		throw error;
	} finally {
		// One that is broken is closed, not used again; the server then forgets its transaction.
		client.release(broken);
	}
}

/** Undefined: the connection may be used again. */
async function rolledBack(client: PoolClient, error: unknown): Promise<Error | undefined> {
	if (sqlStateOf(error) === CONNECTION_FAILURE) return error as Error;
	try {
		await client.query('ROLLBACK');
		// A server that became a standby, or settings that a session has had since it began: the next one may be another server's.
		return natureOf(error) === 'lasting' ? (error as Error) : undefined;
	} catch (cause) {
		// The first error is the one that counts.
		return cause as Error;
	}
}

/** Our own errors, and what the server said, as they are; everything else is a connection that does not answer. */
function asAnswered(error: unknown): unknown {
	if (error instanceof RangeError || error instanceof TypeError || sqlStateOf(error) !== undefined) return error;
	const { message, severity } = error as Error & { severity?: unknown };
	// Of a server whose codes we do not know.
	if (severity !== undefined) return error;
	return Object.assign(new Error(message || 'the database does not answer', { cause: error }), {
		code: CONNECTION_FAILURE,
	});
}
