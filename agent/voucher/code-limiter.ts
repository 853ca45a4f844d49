import type { BootMs, MacAddress } from '../core/units.ts';

export type LimiterRates = {
	/** Wrong codes of one station before it has to wait. */
	readonly freeAttempts: number;
	/** The first wait of a station; each further wrong code doubles it. */
	readonly firstWaitMs: number;
	readonly longestWaitMs: number;
	/** Wrong codes of all guests together, and as many of all customers: at once, and from then on in an hour. */
	readonly overallBurst: number;
	readonly overallPerHour: number;
};

/** A flood of made-up addresses must not cost memory: the station that failed the longest ago is forgotten. */
export const LIMITED_STATIONS_MAX = 4096;

const HOUR_MS = 3_600_000;

export type Wait = { readonly waitMs: number; readonly scope: 'station' | 'overall' };
type Failures = { count: number; untilMs: number; lastMs: number };

/** How many codes can be tried in an hour, for ever, by somebody who is a guest and a customer with any number of addresses. */
export function guessesPerHourMax({ overallPerHour }: Pick<LimiterRates, 'overallPerHour'>): number {
	return 2 * overallPerHour;
}

/**
 * Keeps guessing slow. Addresses of stations cost nothing, so the bound that holds is the overall one; the waits of a station keep
 * one careless or curious guest from using it up. Customers (who spend an account already) have an overall bound of their own: a passer-by who
 * attacks the codes does not keep them from topping up. It is a bound too, because accounts are cheap: one byte given away makes one.
 * In memory only: a restart forgets it, and a guest cannot restart us.
 */
export class CodeLimiter {
	readonly #rates: LimiterRates;
	/** In the order of their last failure. */
	readonly #stations = new Map<MacAddress, Failures>();
	readonly #guests: Bucket;
	readonly #customers: Bucket;

	constructor(rates: LimiterRates) {
		this.#rates = rates;
		this.#guests = new Bucket(rates);
		this.#customers = new Bucket(rates);
	}

	/** How long the station must not try; undefined: it may now. To be asked before a code is looked up. */
	wait(station: MacAddress, isCustomer: boolean, now: BootMs): Wait | undefined {
		const failures = this.#stations.get(station);
		if (failures !== undefined && failures.untilMs > now) return { waitMs: failures.untilMs - now, scope: 'station' };
		const waitMs = (isCustomer ? this.#customers : this.#guests).wait(now);
		return waitMs === 0 ? undefined : { waitMs, scope: 'overall' };
	}

	/** The station's code was wrong. Must follow {@link wait} without anything in between. */
	failed(station: MacAddress, isCustomer: boolean, now: BootMs): void {
		(isCustomer ? this.#customers : this.#guests).take(now);
		const { freeAttempts, firstWaitMs, longestWaitMs } = this.#rates;
		const before = this.#stations.get(station);
		// After twice the longest wait without a failure it is a new guest, or one who has found his glasses.
		const count = (before && now - before.lastMs < 2 * longestWaitMs ? before.count : 0) + 1;
		const doublings = Math.min(count - freeAttempts, 40);
		const waitMs = doublings < 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** doublings);
		this.#stations.delete(station);
		this.#stations.set(station, { count, untilMs: now + waitMs, lastMs: now });
		if (this.#stations.size > LIMITED_STATIONS_MAX) this.#forgetOldest();
	}

	/** How many stations are remembered. */
	get size(): number {
		return this.#stations.size;
	}

	#forgetOldest(): void {
		for (const station of this.#stations.keys()) {
			this.#stations.delete(station);
			break;
		}
	}
}

/** So many at once, and then at a steady rate. */
class Bucket {
	readonly #rates: LimiterRates;
	#tokens: number;
	#filledMs: number | undefined;

	constructor(rates: LimiterRates) {
		this.#rates = rates;
		this.#tokens = rates.overallBurst;
	}

	/** 0: one may be taken now. */
	wait(now: BootMs): number {
		this.#fill(now);
		return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * HOUR_MS) / this.#rates.overallPerHour);
	}

	take(now: BootMs): void {
		this.#fill(now);
		this.#tokens = Math.max(0, this.#tokens - 1);
	}

	#fill(now: BootMs): void {
		const elapsedMs = Math.max(0, now - (this.#filledMs ?? now));
		this.#filledMs = now;
		const { overallBurst, overallPerHour } = this.#rates;
		this.#tokens = Math.min(overallBurst, this.#tokens + (elapsedMs * overallPerHour) / HOUR_MS);
	}
}
