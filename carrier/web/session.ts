import { createHmac, timingSafeEqual } from 'node:crypto';
import type { TokenHolder } from '../http/tokens.ts';

/** Whoever closes the browser for a day signs in again. */
const SESSION_MS = 12 * 3_600_000;
/** A form may stay open for one to two of these. */
const FORM_SLOT_MS = 3_600_000;
const COOKIE = 'octroi-carrier';
const COOKIE_VALUE = new RegExp(
	`(?:^|; )${COOKIE}=([a-z0-9-]{1,32})\\.([0-9a-f]{1,64})\\.(\\d{1,15})\\.([\\w-]{43})(?:;|$)`,
);

/** Who is signed in, and which forms are ours: proved by the process's secret, remembered nowhere. */
export class Sessions {
	readonly #secret: Uint8Array;
	readonly #now: () => number;

	constructor(secret: Uint8Array, now: () => number) {
		this.#secret = secret;
		this.#now = now;
	}

	/**
	 * The `set-cookie` of somebody whose token was right.
	 *
	 * @param options `isSecure`: the browser came by TLS, and sends it only so
	 */
	cookieOf({ user, mark }: TokenHolder, { isSecure }: { isSecure: boolean }): string {
		const until = String(this.#now() + SESSION_MS);
		const value = `${user}.${mark}.${until}.${this.#proof('session', `${user}.${mark}`, until)}`;
		const secure = isSecure ? '; Secure' : '';
		return `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_MS / 1000}${secure}`;
	}

	/** Who signed in, and with which token: whether that one is still held is the caller's question. */
	holderOf(cookies: string | undefined): TokenHolder | undefined {
		const found = COOKIE_VALUE.exec(cookies ?? '');
		if (found === null) return undefined;
		const [, user, mark, until, proof] = found as unknown as [string, string, string, string, string];
		const isOurs = isSame(proof, this.#proof('session', `${user}.${mark}`, until));
		return isOurs && Number(until) >= this.#now() ? { user, mark } : undefined;
	}

	/** Proves that a form was drawn by us for this user: another page cannot make it. */
	formToken(user: string): string {
		const slot = String(Math.floor(this.#now() / FORM_SLOT_MS));
		return `${slot}.${this.#proof('form', user, slot)}`;
	}

	isOurForm(token: string, user: string): boolean {
		const [slot = '', proof = ''] = token.split('.');
		const age = Math.floor(this.#now() / FORM_SLOT_MS) - Number(slot);
		return isSame(proof, this.#proof('form', user, slot)) && (age === 0 || age === 1);
	}

	#proof(kind: string, user: string, what: string): string {
		return createHmac('sha256', this.#secret).update(`${kind} ${user} ${what}`).digest('base64url');
	}
}

function isSame(one: string, other: string): boolean {
	// The lengths of bytes, not of characters: one letter of another script would throw.
	const mine = Buffer.from(one);
	const theirs = Buffer.from(other);
	return mine.length === theirs.length && timingSafeEqual(mine, theirs);
}
