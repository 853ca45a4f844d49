import { createHmac, timingSafeEqual } from 'node:crypto';
import type { BootMs, MacAddress } from '../core/units.ts';

/** A form may stay open for one to two of these. */
const SLOT_MS = 3_600_000;
const NONCE_BYTES = 9;
/** 144 bits of the HMAC. */
const PROOF_BYTES = 18;

export type FormTokenOptions = {
	/** Unpredictable, one for each life of the agent. */
	readonly secret: Uint8Array;
	readonly random: (count: number) => Uint8Array;
	readonly now: () => BootMs;
};

/**
 * Proves that a form was drawn by us, for this station and this action: another page cannot make it (CSRF), and another station cannot
 * use it. Nothing is remembered, and no cookie is needed. Its nonce names the request, so that a form sent twice acts once.
 */
export class FormToken {
	readonly #options: FormTokenOptions;

	constructor(options: FormTokenOptions) {
		this.#options = options;
	}

	make(mac: MacAddress, action: string): string {
		const nonce = Buffer.from(this.#options.random(NONCE_BYTES)).toString('base64url');
		const slot = this.#slot().toString(36);
		return `${slot}.${nonce}.${this.#proof(mac, action, slot, nonce)}`;
	}

	/** @returns the request's own name; undefined if the token proves nothing */
	check(token: string, mac: MacAddress, action: string): string | undefined {
		const match = /^([0-9a-z]{1,9})\.([\w-]{12})\.([\w-]{24})$/.exec(token);
		if (!match) return undefined;
		const [, slot, nonce, proof] = match as unknown as [string, string, string, string];
		const age = this.#slot() - Number.parseInt(slot, 36);
		const expected = this.#proof(mac, action, slot, nonce);
		if (!timingSafeEqual(Buffer.from(expected), Buffer.from(proof))) return undefined;
		return age === 0 || age === 1 ? nonce : undefined;
	}

	#slot(): number {
		return Math.floor(this.#options.now() / SLOT_MS);
	}

	#proof(mac: MacAddress, action: string, slot: string, nonce: string): string {
		return createHmac('sha256', this.#options.secret)
			.update(`${mac} ${action} ${slot} ${nonce}`)
			.digest()
			.subarray(0, PROOF_BYTES)
			.toString('base64url');
	}
}
