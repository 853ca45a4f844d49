import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Who bought what, when each device was here, and the key of the codes: for the agent's user alone. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const OTHERS = 0o077;

/** A file, or the folder, that others may open: its path, and the mode that it should have. */
export type OpenFile = { readonly path: string; readonly mode: typeof FILE_MODE | typeof FOLDER_MODE };

/**
 * Makes the ledger's folder and file before SQLite does, which would let everybody read them (its log and its shared memory get the
 * mode of the file), and closes to others what an earlier version left open: the file, its log, backups, the key of the codes. A folder
 * in which other programs have files too is left as it is: `octroi doctor` names it.
 *
 * @returns what was closed
 * @throws the system's error
 */
export function keepPrivate(database: string): readonly OpenFile[] {
	mkdirSync(dirname(database), { recursive: true, mode: FOLDER_MODE });
	closeSync(openSync(database, 'a', FILE_MODE));
	return openFiles(database)
		.filter((file) => file.mode === FILE_MODE || isOurs(database))
		.filter(close);
}

/** What of the ledger others may open. What is not there, or cannot be looked at, is not listed. */
export function openFiles(database: string): readonly OpenFile[] {
	const folder = dirname(database);
	const found = namesIn(folder)
		.filter((name) => name.startsWith(basename(database)))
		.map((name) => join(folder, name))
		.filter((path) => isOpen(path, (facts) => facts.isFile()));
	const files = found.map((path) => ({ path, mode: FILE_MODE }) as const);
	return isOpen(folder, (facts) => facts.isDirectory()) ? [...files, { path: folder, mode: FOLDER_MODE }] : files;
}

/** Whether the folder holds nothing else. */
function isOurs(database: string): boolean {
	return namesIn(dirname(database)).every((name) => name.startsWith(basename(database)));
}

function isOpen(path: string, isKind: (facts: Stats) => boolean): boolean {
	const facts = lstatSync(path, { throwIfNoEntry: false });
	return facts !== undefined && isKind(facts) && (facts.mode & OTHERS) !== 0;
}

function close({ path, mode }: OpenFile): boolean {
	try {
		chmodSync(path, mode);
		return true;
	} catch {
		// A file of another user, or a file system without modes: the ledger works all the same, and the doctor names it.
		return false;
	}
}

function namesIn(folder: string): readonly string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}
