import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyId } from '../../protocol/policy.ts';
import { check } from '../../protocol/shape.ts';
import { type Key, keyOf, type PrivateKey } from '../../protocol/signature.ts';
import { CarrierError } from '../carrier-error.ts';
import type { PolicyKeys } from '../policy/policies.ts';

/** The key that signs is named in this file. */
const CURRENT = 'current';
const SUFFIX = '.json';
/** The name of a key that access points shall believe no longer, beside its own file. */
const REVOKED_SUFFIX = '.revoked';

export type SigningKey = { readonly kid: string; readonly key: Key };

/** The platform's keys: a directory with one file a key, readable by nobody else. */
export class KeyRing {
	readonly #directory: string;
	#current: { stamp: string; signing: SigningKey } | undefined;

	constructor(directory: string) {
		this.#directory = directory;
	}

	/** Makes a key. The first one signs at once; a later one when {@link rotate} says so: access points must know it before. */
	create(kid: string): { kid: string; x: string } {
		if (!check(keyId, kid).ok) throw new CarrierError('invalid_value', `"${kid}" is not a name of a key`);
		mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
		const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as { x: string; d: string };
		try {
			writeFileSync(this.#path(kid), `${JSON.stringify({ kid, x, d })}\n`, { mode: 0o600, flag: 'wx' });
		} catch (cause) {
			throw new CarrierError(
				'exists_with_different_values',
				`the key ${kid} cannot be written: ${(cause as Error).message}`,
				{ cause },
			);
		}
		if (this.#currentKid() === undefined) this.rotate(kid);
		return { kid, x };
	}

	/** From now on this one signs. A running platform sees it at the next message. @throws CarrierError `key_missing` */
	rotate(kid: string): void {
		this.#read(kid);
		const path = join(this.#directory, CURRENT);
		writeFileSync(`${path}.new`, `${kid}\n`, { mode: 0o600 });
		renameSync(`${path}.new`, path);
	}

	/** Access points shall believe it no longer, from the next policy on. @throws CarrierError `not_allowed` for the one that signs */
	revoke(kid: string): void {
		this.#read(kid);
		if (this.#currentKid() === kid) {
			throw new CarrierError('not_allowed', `${kid} signs`, {
				fix: 'make another one, publish a policy, rotate to it, then revoke',
			});
		}
		writeFileSync(join(this.#directory, kid + REVOKED_SUFFIX), '', { mode: 0o600 });
	}

	/** What policies say about keys. */
	forPolicies(): PolicyKeys {
		const files = this.#files();
		const revokedKeys = files
			.filter((file) => file.endsWith(REVOKED_SUFFIX))
			.map((file) => file.slice(0, -REVOKED_SUFFIX.length));
		const keys = files
			.filter((file) => file.endsWith(SUFFIX))
			.map((file) => file.slice(0, -SUFFIX.length))
			.filter((kid) => !revokedKeys.includes(kid))
			.map((kid) => {
				const { x } = this.#read(kid);
				return { kid, x };
			});
		return { keys, ...(revokedKeys.length === 0 ? {} : { revokedKeys }) };
	}

	/** The key that signs now. @throws CarrierError `key_missing` */
	async signing(): Promise<SigningKey> {
		const kid = this.#currentKid();
		if (kid === undefined) throw missing(join(this.#directory, CURRENT));
		const stamp = `${kid}:${statSync(this.#path(kid), { throwIfNoEntry: false })?.mtimeMs}`;
		if (this.#current?.stamp !== stamp) {
			this.#current = { stamp, signing: { kid, key: await keyOf(this.#read(kid)) } };
		}
		return this.#current.signing;
	}

	#currentKid(): string | undefined {
		try {
			return readFileSync(join(this.#directory, CURRENT), 'utf8').trim();
		} catch {
			return undefined; // no key was made yet; whoever needs one says so
		}
	}

	#read(kid: string): PrivateKey {
		try {
			return JSON.parse(readFileSync(this.#path(kid), 'utf8')) as PrivateKey;
		} catch (cause) {
			throw missing(this.#path(kid), cause);
		}
	}

	#path(kid: string): string {
		return join(this.#directory, kid + SUFFIX);
	}

	#files(): string[] {
		return readdirSync(this.#directory).toSorted();
	}
}

function missing(path: string, cause?: unknown): CarrierError {
	return new CarrierError('key_missing', `${path} cannot be read`, { fix: 'octroi-carrier key new', cause });
}
