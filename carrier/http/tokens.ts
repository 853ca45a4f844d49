import { createHash, timingSafeEqual } from 'node:crypto';
import { appendFileSync, chownSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { CarrierError } from '../carrier-error.ts';

/** 192 bits. */
const TOKEN_BYTES = 24;
const LINE = /^([a-z0-9][a-z0-9-]{0,31}):([0-9a-f]{64})$/;
/** Of the hash: says which token it was, and nothing about it. */
const MARK_CHARACTERS = 16;

/** Whose token it is, and which of his. */
export type TokenHolder = { readonly user: string; readonly mark: string };
type Known = TokenHolder & { readonly hash: Buffer };

/**
 * Who may use the API: names, and the hashes of their tokens. The file is looked at with each question, so that a token that was removed
 * is nobody's from then on, in every process that reads the file. While it cannot be read, nobody is anybody.
 */
export class Tokens {
	readonly #path: string;
	#version = '';
	#known: readonly Known[] = [];

	private constructor(path: string) {
		this.#path = path;
	}

	/** @throws CarrierError `config_invalid` */
	static read(path: string): Tokens {
		const tokens = new Tokens(path);
		try {
			tokens.#look();
		} catch (cause) {
			throw new CarrierError('config_invalid', `${path} cannot be read`, {
				fix: 'octroi-carrier token new NAME',
				cause,
			});
		}
		return tokens;
	}

	/** Whose token it is; undefined: nobody's. All are compared, so that the time says nothing. */
	holderOf(token: string): TokenHolder | undefined {
		const hash = hashOf(token);
		return this.#current().filter((known) => timingSafeEqual(known.hash, hash))[0];
	}

	/** Whether this token is still somebody's. */
	isHeld({ user, mark }: TokenHolder): boolean {
		return this.#current().some((known) => known.user === user && known.mark === mark);
	}

	#current(): readonly Known[] {
		try {
			this.#look();
		} catch {
			// Removed, or not ours to read any more: whoever did that wants nobody in.
			this.#known = [];
			this.#version = '';
		}
		return this.#known;
	}

	#look(): void {
		// The change of the inode's time cannot be set by hand.
		const { ino, size, ctimeNs } = statSync(this.#path, { bigint: true });
		const version = `${ino} ${size} ${ctimeNs}`;
		if (version === this.#version) return;
		this.#known = knownOf(readFileSync(this.#path, 'utf8'));
		this.#version = version;
	}
}

function knownOf(text: string): Known[] {
	return text
		.split('\n')
		.map((line) => LINE.exec(line.trim()))
		.filter((found) => found !== null)
		.map(([, user, hash]) => ({
			user: user as string,
			mark: (hash as string).slice(0, MARK_CHARACTERS),
			hash: Buffer.from(hash as string, 'hex'),
		}));
}

/** Makes a token for somebody, and writes its hash into the file. Answers the token: it is not kept. */
export function newToken(path: string, user: string, random: (bytes: number) => Uint8Array): string {
	if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(user)) throw new CarrierError('invalid_value', `"${user}" is not a name`);
	const token = Buffer.from(random(TOKEN_BYTES)).toString('base64url');
	appendFileSync(path, `${user}:${hashOf(token).toString('hex')}\n`, { mode: 0o600 });
	return token;
}

/** All tokens of somebody are nobody's from now on, and whoever is signed in with them is signed out. Answers how many. @throws CarrierError `not_found` */
export function removeTokens(path: string, user: string): number {
	const lines = readFileSync(path, 'utf8').split('\n');
	const kept = lines.filter((line) => LINE.exec(line.trim())?.[1] !== user);
	if (kept.length === lines.length) throw new CarrierError('not_found', `${user} has no token`);
	const fresh = `${path}.new`;
	const { uid, gid } = statSync(path);
	writeFileSync(fresh, kept.join('\n'), { mode: 0o600 });
	// The platform runs as a user of its own, and must be able to read it.
	chownSync(fresh, uid, gid);
	renameSync(fresh, path);
	return lines.length - kept.length;
}

function hashOf(token: string): Buffer {
	return createHash('sha256').update(token).digest();
}
