import Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import { type Migration, migrate } from './migrations.ts';
import { keepPrivate } from './private-files.ts';
import { ledgerError } from './storage-error.ts';

/** How long a writer waits for another process. It blocks the agent, so it is short; a commit takes a few ms. */
export const BUSY_TIMEOUT_MS = 1000;

/**
 * Set on every connection and read back.
 * - `synchronous` 2 (FULL): a commit is on the disk when it returns. The build's default in WAL is NORMAL, which is not.
 * - `page_size` 1024: a settle of one account touches about nine pages, each written whole to the log.
 *   Only takes effect in a new file. Figures in docs/ledger.md.
 * - `wal_autocheckpoint` 4096 pages (4 MiB): pages that change in every commit (the house's balances, the newest
 *   transfers) are copied to the file once per 4 MiB of log rather than each time.
 * - `journal_size_limit` 4 MiB: a log that grew under a long reader is cut back to this afterwards.
 * - `cache_size` 1 MiB: better-sqlite3 is built with 16 MB, which fill as the ledger grows and are never given back. What does not fit is
 *   in the kernel's cache of the file.
 * - `cache_spill` 16,383 pages, 16 MiB (of a number whose lowest byte is 0 SQLite reads only that: off): a transaction that changes more than the cache holds keeps it until its commit, as it did, and
 *   does not write pages to the log twice.
 * - `recursive_triggers`: else INSERT OR REPLACE would delete a transfer without asking its trigger.
 */
export const PRAGMAS = {
	busy_timeout: BUSY_TIMEOUT_MS,
	page_size: 1024,
	journal_mode: 'wal',
	synchronous: 2,
	foreign_keys: 1,
	recursive_triggers: 1,
	wal_autocheckpoint: 4096,
	journal_size_limit: 4 * 1024 * 1024,
	/** Negative: in KiB. */
	cache_size: -1024,
	cache_spill: 16_383,
	cell_size_check: 1,
	trusted_schema: 0,
} as const;

export type DatabaseOptions = { readonly busyTimeoutMs?: number; readonly migrations?: readonly Migration[] };

/**
 * Opens or creates the file, with durable commits, and brings its schema up to date.
 *
 * @throws OctroiError `ledger_too_new`, `ledger_unwritable`
 */
export function openDatabase(path: string, options: DatabaseOptions = {}): Database.Database {
	let database: Database.Database | undefined;
	try {
		keepPrivate(path);
		database = new Database(path, { timeout: options.busyTimeoutMs ?? BUSY_TIMEOUT_MS });
		setPragmas(database, { ...PRAGMAS, busy_timeout: options.busyTimeoutMs ?? BUSY_TIMEOUT_MS });
		// SQLite falls back to reading when it may not write, and would only say so in the first commit.
		database.exec('BEGIN IMMEDIATE; ROLLBACK');
		migrate(database, options.migrations);
		return database;
	} catch (error) {
		database?.close();
		throw ledgerError(error, path);
	}
}

function setPragmas(database: Database.Database, pragmas: Record<string, number | string>): void {
	for (const [name, value] of Object.entries(pragmas)) {
		database.pragma(`${name} = ${value}`);
		const found = database.pragma(name, { simple: true });
		// An existing file keeps the page size that it was made with.
		if (found !== value && name !== 'page_size') {
			throw new OctroiError('ledger_unwritable', `${database.name}: ${name} is ${found} instead of ${value}`, {
				fix: 'put the database on a local file system that supports shared memory (not a network share)',
			});
		}
	}
}
