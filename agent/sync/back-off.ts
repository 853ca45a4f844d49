/** The first wait. A broker that restarts is back within seconds. */
export const WAIT_FIRST_MS = 1000;
/** The longest: a wrong password for a month is some nine thousand attempts. */
export const WAIT_LONGEST_MS = 300_000;
/** A connection that lasted so long was a good one: the next wait is short again. */
export const STABLE_MS = 60_000;

export type BackOffBounds = { readonly firstMs: number; readonly longestMs: number };

/** How long to wait before the next attempt: doubled each time, and spread, so that a fleet does not come back in one moment. */
export class BackOff {
	readonly #random: () => number;
	readonly #bounds: BackOffBounds;
	#failures = 0;

	constructor(random: () => number, bounds: BackOffBounds = { firstMs: WAIT_FIRST_MS, longestMs: WAIT_LONGEST_MS }) {
		this.#random = random;
		this.#bounds = bounds;
	}

	/**
	 * @param lastedMs of the connection that has ended; 0: it never stood
	 * @param isLasting what ended it stays: two clients of one name throw each other out after any time
	 */
	next(lastedMs: number, isLasting = false): number {
		if (lastedMs >= STABLE_MS && !isLasting) this.#failures = 0;
		const { firstMs, longestMs } = this.#bounds;
		const longest = Math.min(longestMs, firstMs * 2 ** Math.min(this.#failures, 20));
		this.#failures += 1;
		return Math.round(longest / 2 + (longest / 2) * this.#random());
	}

	/** It went well: the next wait is short again. */
	reset(): void {
		this.#failures = 0;
	}
}
