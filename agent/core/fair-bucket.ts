import type { Standing } from './standing.ts';
import type { BootMs } from './units.ts';

export type FairBucketRates = {
	/** What there is at once, at least 1. */
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
	#tokens: number;
	#filledMs: number | undefined;

	constructor(rates: FairBucketRates) {
		this.#rates = rates;
		this.#tokens = rates.burst;
	}

	/** Other rates from now on. What was taken stays taken. */
	setRates(rates: FairBucketRates): void {
		this.#tokens = Math.max(0, rates.burst - (this.#rates.burst - this.#tokens));
		this.#rates = rates;
	}

	/** How long until one may be taken, in milliseconds; 0: now. */
	wait(standing: Standing, now: BootMs): number {
		this.#fill(now);
		const { burst, perHour } = this.#rates;
		const missing = 1 + Math.floor(burst * RESERVED_SHARE[standing]) - this.#tokens;
		return missing <= 0 ? 0 : Math.ceil((missing * HOUR_MS) / perHour);
	}

	/** Takes one, whoever it is: to be asked for by {@link wait} before. */
	take(now: BootMs): void {
		this.#fill(now);
		this.#tokens = Math.max(0, this.#tokens - 1);
	}

	#fill(now: BootMs): void {
		const elapsedMs = Math.max(0, now - (this.#filledMs ?? now));
		this.#filledMs = now;
		const { burst, perHour } = this.#rates;
		this.#tokens = Math.min(burst, this.#tokens + (elapsedMs * perHour) / HOUR_MS);
	}
}
