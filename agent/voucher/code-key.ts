import { createHmac } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { OctroiError } from '../core/octroi-error.ts';
import type { Code } from './code.ts';
import type { RandomBytes } from './code-maker.ts';

const KEY_BYTES = 32;
/** 128 bits: RFC 2104, 5, allows half of the output; a collision of honest codes is out of reach. */
const HASH_BYTES = 16;
const FINGERPRINT_BYTES = 8;

/** The file beside the database. Codes are short enough to be tried out; without this key a copy of the database gives none away. */
export function codeKeyPath(database: string): string {
	return `${database}.code-key`;
}

/** What turns codes into what is stored of them. */
export class CodeKey {
	readonly #key: Buffer;

	constructor(key: Buffer) {
		this.#key = key;
	}

	/** HMAC-SHA-256 of the code, its first {@link HASH_BYTES} bytes. */
	hash(code: Code): Buffer {
		return this.#mac(`code:${code}`).subarray(0, HASH_BYTES);
	}

	/** Kept in the ledger, so that a wrong key is noticed rather than every code refused. */
	fingerprint(): Buffer {
		return this.#mac('fingerprint').subarray(0, FINGERPRINT_BYTES);
	}

	#mac(text: string): Buffer {
		return createHmac('sha256', this.#key).update(text).digest();
	}
}

/**
 * Reads the key, or makes it. A file that others could read is closed to them.
 *
 * @param mayMake false: the ledger has codes already, so a missing key is a loss, not a beginning
 * @throws OctroiError `code_key_lost`, `permission_denied`
 */
export function openCodeKey(path: string, { mayMake, random }: { mayMake: boolean; random: RandomBytes }): CodeKey {
	try {
		const text = readFileSync(path, 'utf8').trim();
		if (!/^[0-9a-f]{64}$/.test(text)) throw lost(`${path} does not hold a key`);
		if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
		return new CodeKey(Buffer.from(text, 'hex'));
	} catch (error) {
		if (error instanceof OctroiError) throw error;
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
			throw new OctroiError('permission_denied', `the key of the codes cannot be read: ${path}`, {
				fix: 'give the file to the user that the agent runs as',
				cause: error,
			});
		}
		if (!mayMake) throw lost(`${path} is missing`, error);
		return makeKey(path, random);
	}
}

/** The key of this machine is not the one that the stored codes were hashed with. */
export function lost(what: string, cause?: unknown): OctroiError {
	return new OctroiError('code_key_lost', `${what}: no code that was printed so far can be recognised`, {
		fix: 'restore the file together with the ledger from the backup; they belong together',
		cause,
	});
}

function makeKey(path: string, random: RandomBytes): CodeKey {
	const key = Buffer.from(random(KEY_BYTES));
	const file = openSync(path, 'wx', 0o600);
	try {
		writeSync(file, `${key.toString('hex')}\n`);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
	// The name must be as durable as the codes that depend on it.
	const folder = openSync(dirname(path), 'r');
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
	return new CodeKey(key);
}
