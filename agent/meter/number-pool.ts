import { OctroiError } from '../core/octroi-error.ts';

/** Of so many numbers one is kept for those who come meanwhile. */
const NUMBERS_PER_KEPT_ONE = 64;

/**
 * Hands out small numbers that are not in use, the longest unused first: a number comes back late, when no flow carries it
 * any more.
 */
export class NumberPool {
	readonly #used = new Set<number>();
	readonly #max: number;
	readonly #what: string;
	#last = 0;

	/** @param max the largest number; @param what for the error: "meters" */
	constructor(max: number, what: string) {
		this.#max = max;
		this.#what = what;
	}

	/** So few are left that somebody should make room: a number that is given back may be free only a moment later. */
	get isNearlyUsedUp(): boolean {
		return this.#max - this.#used.size <= this.#max / NUMBERS_PER_KEPT_ONE;
	}

	/** @throws OctroiError `not_allowed` when all are in use */
	take(): number {
		if (this.#used.size >= this.#max) {
			throw new OctroiError('not_allowed', `all ${this.#max} ${this.#what} are in use`, {
				fix: 'detach stations that are not needed, or give the mark mask more bits',
			});
		}
		do this.#last = (this.#last % this.#max) + 1;
		while (this.#used.has(this.#last));
		this.#used.add(this.#last);
		return this.#last;
	}

	/** Marks a number as in use that an earlier run gave out. */
	keep(number: number): void {
		this.#used.add(number);
		this.#last = Math.max(this.#last, number);
	}

	release(number: number): void {
		this.#used.delete(number);
	}
}
