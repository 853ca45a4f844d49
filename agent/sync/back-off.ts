/** The first wait. A broker that restarts is back within seconds. */
export const WAIT_FIRST_MS = 1000;
/** The longest: a wrong password for a month is some nine thousand attempts. */
export const WAIT_LONGEST_MS = 300_000;
/** A connection that lasted so long was a good one: the next wait is short again. */
export const STABLE_MS = 60_000;

/** How long to wait before the next attempt: doubled each time, and spread, so that a fleet does not come back in one moment. */
export class BackOff {
	readonly #random: () => number;
	#failures = 0;

	constructor(random: () => number) {
		this.#random = random;
	}

	/** @param lastedMs of the connection that has ended; 0: it never stood */
	next(lastedMs: number): number {
		if (lastedMs >= STABLE_MS) this.#failures = 0;
		const longest = Math.min(WAIT_LONGEST_MS, WAIT_FIRST_MS * 2 ** Math.min(this.#failures, 20));
		this.#failures += 1;
		return Math.round(longest / 2 + (longest / 2) * this.#random());
	}
}
