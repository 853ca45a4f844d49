/** Lehmer's generator (Park and Miller 1988): the same scenario kills at the same moments each time, as far as the machine lets it. */
export class Random {
	#state: number;

	/** `seed`: 1 … 2^31 − 2. */
	constructor(seed: number) {
		this.#state = seed;
	}

	/** A whole number from `least` to `most`, both included. */
	between(least: number, most: number): number {
		this.#state = (this.#state * 48_271) % 2_147_483_647;
		return least + Math.floor((this.#state / 2_147_483_647) * (most - least + 1));
	}
}
