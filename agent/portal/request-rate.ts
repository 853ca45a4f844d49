import type { BootMs } from '../core/units.ts';

type Bucket = { tokens: number; filledMs: number };

export type RateLimits = {
	/** At once; then so many a second. */
	readonly burst: number;
	readonly perSecond: number;
	/** Beyond it the address that has been silent the longest is forgotten. */
	readonly addressesMax: number;
};

/** How often an address may ask. The portal shares its thread with the meter: nobody may keep it busy. */
export class RequestRate {
	readonly #limits: RateLimits;
	/** In the order in which they asked last. */
	readonly #buckets = new Map<string, Bucket>();

	constructor(limits: RateLimits) {
		this.#limits = limits;
	}

	/** False: too often. */
	take(address: string, now: BootMs): boolean {
		const { burst, perSecond, addressesMax } = this.#limits;
		const before = this.#buckets.get(address) ?? { tokens: burst, filledMs: now };
		const tokens = Math.min(burst, before.tokens + ((now - before.filledMs) * perSecond) / 1000);
		const mayAsk = tokens >= 1;
		this.#buckets.delete(address);
		this.#buckets.set(address, { tokens: mayAsk ? tokens - 1 : tokens, filledMs: now });
		for (const oldest of this.#buckets.keys()) {
			if (this.#buckets.size <= addressesMax) break;
			this.#buckets.delete(oldest);
		}
		return mayAsk;
	}

	get size(): number {
		return this.#buckets.size;
	}
}
