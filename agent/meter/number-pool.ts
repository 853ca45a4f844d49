import { OctroiError } from '../core/octroi-error.ts';

/** Of so many numbers one is kept for those who come meanwhile. */
const NUMBERS_PER_KEPT_ONE = 64;

/**
 * Hands out small numbers that are not in use, the longest unused first: a number comes back late, when no flow carries it
 * any more. Only its last owner may have it again at once.
 */
export class NumberPool {
	readonly #used = new Set<number>();
	readonly #max: number;
	readonly #what: string;
	/** Numbers that are free, and whose they were last; as many as there are numbers. */
	readonly #former = new Map<number, string>();
	/** The same by owner. */
	readonly #formerOf = new Map<string, Set<number>>();
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

	/**
	 * @param owner who had a number before gets it again, if nobody else has: what the kernel holds under it, such as the budget of
	 * names, is then not new for whoever comes and goes
	 * @throws OctroiError `not_allowed` when all are in use
	 */
	take(owner?: string): number {
		const known = owner === undefined ? undefined : this.#formerOf.get(owner)?.values().next().value;
		if (known !== undefined) {
			this.#forget(known);
			this.#used.add(known);
			return known;
		}
		if (this.#used.size >= this.#max) {
			throw new OctroiError('not_allowed', `all ${this.#max} ${this.#what} are in use`, {
				fix: 'detach stations that are not needed, or give the mark mask more bits',
			});
		}
		do this.#last = (this.#last % this.#max) + 1;
		while (this.#used.has(this.#last));
		this.#used.add(this.#last);
		this.#forget(this.#last);
		return this.#last;
	}

	/** Marks a number as in use that an earlier run gave out. */
	keep(number: number): void {
		this.#used.add(number);
		this.#forget(number);
		this.#last = Math.max(this.#last, number);
	}

	/** @param owner who may have it again, see {@link take} */
	release(number: number, owner?: string): void {
		if (!this.#used.delete(number) || owner === undefined) return;
		this.#former.set(number, owner);
		this.#formerOf.set(owner, (this.#formerOf.get(owner) ?? new Set()).add(number));
	}

	#forget(number: number): void {
		const owner = this.#former.get(number);
		if (owner === undefined) return;
		this.#former.delete(number);
		const numbers = this.#formerOf.get(owner);
		numbers?.delete(number);
		if (numbers?.size === 0) this.#formerOf.delete(owner);
	}
}
