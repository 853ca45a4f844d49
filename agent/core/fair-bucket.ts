import type { Standing } from './standing.ts';
import type { BootMs } from './units.ts';

export type FairBucketRates = {
	/** What there is at once, at least 1. Whole numbers, as the rate: what is told to wait is then exact. */
	readonly burst: number;
	/** Whole again after burst / perHour hours. */
	readonly perHour: number;
};

/** Of the burst, what is kept for those of higher standing. */
const RESERVED_SHARE: Readonly<Record<Standing, number>> = { stranger: 1 / 2, leased: 1 / 4, settled: 0 };
const HOUR_MS = 3_600_000;

/**
 * A budget that all share, with a reserve for those who have something to show for themselves (RFC 2697's token bucket, with a floor for each
 * standing): strangers can empty half of it, leaseholders three quarters.
 */
export class FairBucket {
	#rates: FairBucketRates;
	/** In parts of an hour's milliseconds: so what comes in a millisecond is a whole number. */
	#parts: number;
	#filledMs: number | undefined;

	constructor(rates: FairBucketRates) {
		this.#rates = rates;
		this.#parts = rates.burst * HOUR_MS;
	}

	/** Other rates from now on. What was taken stays taken. */
	setRates(rates: FairBucketRates): void {
		this.#parts = Math.max(0, this.#parts + (rates.burst - this.#rates.burst) * HOUR_MS);
		this.#rates = rates;
	}

	/** How long until one may be taken, in milliseconds; 0: now. */
	wait(standing: Standing, now: BootMs): number {
		this.#fill(now);
		const { burst, perHour } = this.#rates;
		const missing = (1 + Math.floor(burst * RESERVED_SHARE[standing])) * HOUR_MS - this.#parts;
		return missing <= 0 ? 0 : Math.ceil(missing / perHour);
	}

	/** Takes one, whoever it is: to be asked for by {@link wait} before. */
	take(now: BootMs): void {
		this.#fill(now);
		this.#parts = Math.max(0, this.#parts - HOUR_MS);
	}

	#fill(now: BootMs): void {
		const elapsedMs = Math.max(0, now - (this.#filledMs ?? now));
		this.#filledMs = now;
		const { burst, perHour } = this.#rates;
		this.#parts = Math.min(burst * HOUR_MS, this.#parts + elapsedMs * perHour);
	}
}
