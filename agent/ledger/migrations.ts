import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import { APPLICATION_ID, SCHEMA_V1, SCHEMA_V2 } from './schema.ts';
import { SCHEMA_BEGUN } from './schema-begun.ts';
import { SCHEMA_CARRIER } from './schema-carrier.ts';
import { SCHEMA_CLASSES } from './schema-classes.ts';
import { SCHEMA_CLOCK } from './schema-clock.ts';
import { SCHEMA_CODE_SPACE } from './schema-code-space.ts';
import { SCHEMA_CODES } from './schema-codes.ts';
import { SCHEMA_CUSTOMERS } from './schema-customers.ts';
import { SCHEMA_OWN } from './schema-own.ts';
import { SCHEMA_PLANS } from './schema-plans.ts';
import { SCHEMA_RECORDS } from './schema-records.ts';
import { SCHEMA_V3 } from './schema-v3.ts';

/** Brings a database from the version before to `version`. Never edited once released; there is no way back. */
export type Migration = { readonly version: number; readonly sql: string };

export const MIGRATIONS: readonly Migration[] = [
	{ version: 1, sql: SCHEMA_V1 },
	{ version: 2, sql: SCHEMA_V2 },
	{ version: 3, sql: SCHEMA_V3 },
	{ version: 4, sql: SCHEMA_CODES },
	{ version: 5, sql: SCHEMA_CUSTOMERS },
	{ version: 6, sql: SCHEMA_CLASSES },
	{ version: 7, sql: SCHEMA_CARRIER },
	{ version: 8, sql: SCHEMA_PLANS },
	{ version: 9, sql: SCHEMA_RECORDS },
	{ version: 10, sql: SCHEMA_OWN },
	{ version: 11, sql: SCHEMA_BEGUN },
	{ version: 12, sql: SCHEMA_CODE_SPACE },
	{ version: 13, sql: SCHEMA_CLOCK },
];

export const SCHEMA_VERSION = MIGRATIONS.at(-1)?.version ?? 0;

/**
 * Brings the schema up to date, each step in a transaction of its own with its version.
 * Before the first step, a database that is already in use is copied beside itself as `….before-vN`.
 *
 * @throws OctroiError `ledger_too_new`, `ledger_unwritable` (another program's database)
 */
export function migrate(database: Database.Database, migrations: readonly Migration[] = MIGRATIONS): void {
	const version = schemaVersion(database, migrations.at(-1)?.version ?? 0);
	const steps = migrations.filter((migration) => migration.version > version);
	const target = steps.at(-1);
	if (target === undefined) return;
	if (version > 0 && !database.memory) backUp(database, `${database.name}.before-v${target.version}`);
	for (const step of steps) {
		database
			.transaction(() => {
				// Another process may have come first; the version is only certain inside of the transaction.
				if ((database.pragma('user_version', { simple: true }) as number) >= step.version) return;
				database.exec(step.sql);
				database.pragma(`application_id = ${APPLICATION_ID}`);
				database.pragma(`user_version = ${step.version}`);
			})
			.immediate();
	}
}

/** The version of a database that is ours: 0 when it is still empty. Refuses another program's and a newer one. */
export function schemaVersion(database: Database.Database, newest: number = SCHEMA_VERSION): number {
	const version = database.pragma('user_version', { simple: true }) as number;
	const application = database.pragma('application_id', { simple: true }) as number;
	const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() as number;
	if (application !== APPLICATION_ID && (tables > 0 || version > 0 || application !== 0)) {
		throw new OctroiError('ledger_unwritable', `${database.name} is a database of another program`, {
			fix: 'name the right file as `database` in the configuration',
		});
	}
	if (version > newest) {
		throw new OctroiError('ledger_too_new', `${database.name} has version ${version}, this program knows ${newest}`, {
			fix: `install the newer Octroi again, or restore the backup ${database.name}.before-v${version}`,
		});
	}
	return version;
}

/** A consistent copy, made under another name and renamed when it is whole and on the disk. */
function backUp(database: Database.Database, path: string): void {
	const unfinished = `${path}.unfinished`;
	rmSync(unfinished, { force: true });
	// SQLite would let everybody read it; it takes an empty file as one that is not there.
	closeSync(openSync(unfinished, 'wx', 0o600));
	database.prepare('VACUUM INTO ?').run(unfinished);
	sync(unfinished);
	renameSync(unfinished, path);
	sync(dirname(path));
}

function sync(path: string): void {
	const file = openSync(path, 'r');
	try {
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
}
