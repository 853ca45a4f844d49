import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whoever closes the browser for a day signs in again. */
const SESSION_MS = 12 * 3_600_000;
/** A form may stay open for one to two of these. */
const FORM_SLOT_MS = 3_600_000;
const COOKIE = 'octroi-carrier';

/** Who is signed in, and which forms are ours: proved by the process's secret, remembered nowhere. */
export class Sessions {
	readonly #secret: Uint8Array;
	readonly #now: () => number;

	constructor(secret: Uint8Array, now: () => number) {
		this.#secret = secret;
		this.#now = now;
	}

	/** The `set-cookie` of somebody whose token was right. */
	cookieOf(user: string): string {
		const until = this.#now() + SESSION_MS;
		const value = `${user}.${until}.${this.#proof('session', user, String(until))}`;
		return `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_MS / 1000}`;
	}

	userOf(cookies: string | undefined): string | undefined {
		const found = new RegExp(`(?:^|; )${COOKIE}=([a-z0-9-]{1,32})\\.(\\d{1,15})\\.([\\w-]{43})(?:;|$)`).exec(
			cookies ?? '',
		);
		if (found === null) return undefined;
		const [, user, until, proof] = found as unknown as [string, string, string, string];
		if (!isSame(proof, this.#proof('session', user, until)) || Number(until) < this.#now()) return undefined;
		return user;
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
	const [mine, theirs] = [Buffer.from(one), Buffer.from(other)];
	return mine.length === theirs.length && timingSafeEqual(mine, theirs);
}
