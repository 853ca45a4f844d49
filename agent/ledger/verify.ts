import { existsSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import { INVARIANTS } from './invariants.ts';
import { migrate, SCHEMA_VERSION, schemaVersion } from './migrations.ts';
import { ledgerError } from './storage-error.ts';

export type VerifyCheck = { readonly name: string; readonly ok: boolean; readonly detail: string };

/** `broken` names the first check that failed. Checks after it are still run and listed. */
export type VerifyReport = { readonly ok: boolean; readonly broken?: string; readonly checks: readonly VerifyCheck[] };

/**
 * Checks the invariants of a ledger's file, live or copied. Reads only, in one transaction, so that an agent
 * which writes meanwhile neither disturbs nor is disturbed.
 *
 * @throws OctroiError `not_found`, `ledger_unwritable` (not a ledger), `ledger_too_new`
 */
export function verifyLedger(path: string): VerifyReport {
	if (!existsSync(path)) throw new OctroiError('not_found', `there is no ledger at ${path}`);
	try {
		const database = openForReading(path);
		try {
			return verifyDatabase(database);
		} finally {
			database.close();
		}
	} catch (error) {
		throw ledgerError(error, path);
	}
}

function verifyDatabase(database: Database.Database): VerifyReport {
	const version = schemaVersion(database);
	if (version === 0) throw new OctroiError('not_found', `${database.name} is empty`);
	if (version < SCHEMA_VERSION) return verifyUpdated(database);
	const checks = database.transaction(() =>
		INVARIANTS.map(({ name, holds, broken }): VerifyCheck => {
			const detail = broken(database);
			return { name, ok: detail === undefined, detail: detail ?? holds };
		}),
	)();
	const broken = checks.find((check) => !check.ok)?.name;
	return { ok: broken === undefined, ...(broken === undefined ? {} : { broken }), checks };
}

/** A file of an older version is checked as it would be after its update, which is made in memory: it may be a backup. */
function verifyUpdated(database: Database.Database): VerifyReport {
	const bytes = database.serialize();
	bytes.fill(1, 18, 20);
	const copy = new Database(bytes);
	try {
		migrate(copy);
		return verifyDatabase(copy);
	} finally {
		copy.close();
	}
}

/**
 * A copy on a medium that cannot be written has no room for the log's index beside it: then it is read into memory,
 * where the two bytes that ask for a log are set to "none" (sqlite.org/fileformat2.html, offsets 18 and 19).
 */
function openForReading(path: string): Database.Database {
	try {
		return readable(path);
	} catch (error) {
		const isWriteNeeded = /^SQLITE_(CANTOPEN|READONLY)/.test((error as { code?: string }).code ?? '');
		if (!isWriteNeeded || existsSync(`${path}-wal`)) throw error;
		const bytes = readFileSync(path);
		bytes.fill(1, 18, 20);
		return readable(bytes);
	}
}

function readable(source: string | Buffer): Database.Database {
	const database = new Database(source, { readonly: true });
	try {
		database.pragma('schema_version');
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}
