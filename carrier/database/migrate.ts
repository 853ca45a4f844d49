import { CarrierError } from '../carrier-error.ts';
import type { Log } from '../log.ts';
import type { Database, Queryable } from './database.ts';
import { SCHEMA_ACCOUNTS } from './schema-accounts.ts';
import { SCHEMA_BOUNDS } from './schema-bounds.ts';
import { SCHEMA_FLEET } from './schema-fleet.ts';
import { SCHEMA_PACKAGES } from './schema-packages.ts';
import { SCHEMA_REVIEW } from './schema-review.ts';
import { SCHEMA_SALES } from './schema-sales.ts';
import { SCHEMA_TOLD } from './schema-told.ts';

/** Forward only; each is one step of the version. A released one never changes. */
export const MIGRATIONS: readonly string[] = [
	[SCHEMA_FLEET, SCHEMA_ACCOUNTS, SCHEMA_SALES].join('\n'),
	SCHEMA_PACKAGES,
	SCHEMA_TOLD,
	SCHEMA_REVIEW,
	SCHEMA_BOUNDS,
];

const VERSION_TABLE =
	'CREATE TABLE IF NOT EXISTS schema_version (single BOOLEAN PRIMARY KEY DEFAULT true CHECK (single), version INTEGER NOT NULL)';

/** Any number that nobody else locks in this database: two processes that start at once must not both migrate. */
const LOCK = 7_016_101_514;

/** Of one statement: an index on all that was ever used, or the wait for another process that migrates. */
const STATEMENT_TIMEOUT_MS = 6 * 3_600_000;

/** Brings the schema to the newest version. @throws CarrierError `database_failed` if a newer program was here */
export async function migrate(database: Database, log: Log): Promise<void> {
	for (;;) {
		const version = await database.transaction(async (tx) => await migrateOnce(tx), {
			timeoutMs: STATEMENT_TIMEOUT_MS,
		});
		if (version === undefined) return;
		log.info({ version }, 'the database has a new schema');
	}
}

/** One step. @returns the version that it made; undefined: there is nothing to do */
async function migrateOnce(tx: Queryable): Promise<number | undefined> {
	// Of the transaction, not of the session: a pooler may give each transaction another session.
	await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
	// Behind the lock: IF NOT EXISTS alone fails in one of two processes that start at once.
	await tx.query(VERSION_TABLE);
	const [row] = await tx.query<{ version: number }>('SELECT version FROM schema_version');
	const from = row?.version ?? 0;
	if (from > MIGRATIONS.length) {
		throw new CarrierError(
			'database_failed',
			`the database has version ${from}, this program knows ${MIGRATIONS.length}`,
			{ fix: 'run the newer program' },
		);
	}
	const script = MIGRATIONS[from];
	if (script === undefined) return undefined;
	for (const statement of statementsOf(script)) await tx.query(statement);
	await tx.query(
		'INSERT INTO schema_version (version) VALUES ($1) ON CONFLICT (single) DO UPDATE SET version = EXCLUDED.version',
		[from + 1],
	);
	return from + 1;
}

/** Statements end with a semicolon at the end of a line; bodies of functions are indented. */
function statementsOf(script: string): string[] {
	return script
		.split(/;\n(?=\S|\n|$)/)
		.map((statement) => statement.trim())
		.filter((statement) => statement !== '');
}
