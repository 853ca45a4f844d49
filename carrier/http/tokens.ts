import { createHash, timingSafeEqual } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { CarrierError } from '../carrier-error.ts';

/** 192 bits. */
const TOKEN_BYTES = 24;
const LINE = /^([a-z0-9][a-z0-9-]{0,31}):([0-9a-f]{64})$/;

/** Who may use the API: names, and the hashes of their tokens. */
export class Tokens {
	readonly #hashes: readonly { readonly user: string; readonly hash: Buffer }[];

	constructor(text: string) {
		this.#hashes = text
			.split('\n')
			.map((line) => LINE.exec(line.trim()))
			.filter((found) => found !== null)
			.map(([, user, hash]) => ({ user: user as string, hash: Buffer.from(hash as string, 'hex') }));
	}

	/** @throws CarrierError `config_invalid` */
	static read(path: string): Tokens {
		try {
			return new Tokens(readFileSync(path, 'utf8'));
		} catch (cause) {
			throw new CarrierError('config_invalid', `${path} cannot be read`, {
				fix: 'octroi-carrier token new NAME',
				cause,
			});
		}
	}

	/** Whose token it is; undefined: nobody's. All are compared, so that the time says nothing. */
	userOf(token: string): string | undefined {
		const hash = hashOf(token);
		return this.#hashes.filter((known) => timingSafeEqual(known.hash, hash))[0]?.user;
	}
}

/** Makes a token for somebody, and writes its hash into the file. Answers the token: it is not kept. */
export function newToken(path: string, user: string, random: (bytes: number) => Uint8Array): string {
	if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(user)) throw new CarrierError('invalid_value', `"${user}" is not a name`);
	const token = Buffer.from(random(TOKEN_BYTES)).toString('base64url');
	appendFileSync(path, `${user}:${hashOf(token).toString('hex')}\n`, { mode: 0o600 });
	return token;
}

function hashOf(token: string): Buffer {
	return createHash('sha256').update(token).digest();
}
