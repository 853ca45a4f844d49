import { OctroiError } from '../core/octroi-error.ts';

/** What each family of SQLite's result codes (sqlite.org/rescode.html) means for the person in charge. */
const FAMILIES: readonly (readonly [prefix: string, message: string, fix: string])[] = [
	[
		'SQLITE_FULL',
		'there is no space left for the ledger',
		'free space on its file system, then try again: nothing is lost',
	],
	[
		'SQLITE_READONLY',
		'the ledger is read-only',
		'give the agent write permission for the file and its folder, or mount the file system read-write, then try again',
	],
	[
		'SQLITE_IOERR',
		'the disk failed to read or write the ledger',
		'look at `dmesg`; copy the file away and replace the disk',
	],
	[
		'SQLITE_CORRUPT',
		'the ledger is damaged',
		'stop the agent, keep a copy of the file with its -wal, and restore the newest backup',
	],
	['SQLITE_NOTADB', 'the file is not a ledger', 'name the right file as `database` in the configuration'],
	['SQLITE_CANTOPEN', 'the ledger cannot be opened', 'check that its folder exists and that the agent may write there'],
	['SQLITE_BUSY', 'another process is writing to the ledger', 'stop the other process: one agent per ledger'],
	['SQLITE_LOCKED', 'another process is writing to the ledger', 'stop the other process: one agent per ledger'],
	['SQLITE_PROTOCOL', 'another process holds the ledger', 'stop the other process: one agent per ledger'],
];

/**
 * The error that a caller of the ledger sees for one that SQLite or the file system threw; ours pass through.
 * A constraint or trigger that refused means that an invariant would have been broken.
 */
export function ledgerError(error: unknown, path: string): unknown {
	const code = codeOf(error);
	if (error instanceof OctroiError || code === undefined) return error;
	const family = FAMILIES.find(([prefix]) => code.startsWith(prefix));
	if (family !== undefined) {
		return new OctroiError('ledger_unwritable', `${family[1]} (${path}: ${code})`, { fix: family[2], cause: error });
	}
	if (code.startsWith('SQLITE_CONSTRAINT')) {
		return new OctroiError('ledger_broken', `the ledger refused a change: ${(error as Error).message}`, {
			fix: 'run `octroi ledger verify` and report what it prints; nothing was written',
			cause: error,
		});
	}
	if (code.startsWith('SQLITE_')) {
		return new OctroiError('internal', `the ledger failed: ${(error as Error).message} (${code})`, { cause: error });
	}
	if (/^E[A-Z]+$/.test(code)) {
		return new OctroiError('ledger_unwritable', `the ledger cannot be opened (${path}: ${code})`, {
			fix: 'check that its folder exists and that the agent may write there',
			cause: error,
		});
	}
	return error;
}

function codeOf(error: unknown): string | undefined {
	const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
	return typeof code === 'string' ? code : undefined;
}
