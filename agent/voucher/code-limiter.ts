import { FairBucket, type FairBucketRates } from '../core/fair-bucket.ts';
import type { Standing } from '../core/standing.ts';
import type { BootMs } from '../core/units.ts';
import { guessesPerHourAllowed } from './odds.ts';

export type LimiterRates = {
	/** Wrong codes of one station before it has to wait. */
	readonly freeAttempts: number;
	/** The first wait of a station; each further wrong code doubles it. */
	readonly firstWaitMs: number;
	readonly longestWaitMs: number;
	/**
	 * Wrong codes of all guests together, and as many of all customers, however short the codes are: at once, and from then on in an hour. Where the
	 * odds of the codes allow more, there is more.
	 */
	readonly overallBurst: number;
	readonly overallPerHour: number;
};

/** A flood of made-up addresses must not cost memory: the station that failed the longest ago is forgotten. */
export const LIMITED_STATIONS_MAX = 4096;

const HOURS_PER_DAY = 24;

export type Wait = { readonly waitMs: number; readonly scope: 'station' | 'overall' };
/** Whether it spends an account already, and what it has to show for itself. */
export type Guesser = { readonly isCustomer: boolean; readonly standing: Standing };
type Failures = { count: number; untilMs: number; lastMs: number };

/** How many codes can be tried in an hour, for ever, by somebody who is a guest and a customer with any number of addresses, however short the codes are. */
export function guessesPerHourMax({ overallPerHour }: Pick<LimiterRates, 'overallPerHour'>): number {
	return 2 * overallPerHour;
}

/** Of the guests, and of the customers: half of what the odds allow, a day's worth at once, and never less than the configuration says. */
export function bucketRates({ overallBurst, overallPerHour }: LimiterRates, hitChance: number): FairBucketRates {
	const allowed = guessesPerHourAllowed(hitChance) / 2;
	return {
		burst: Math.max(overallBurst, Math.floor(allowed * HOURS_PER_DAY)),
		perHour: Math.max(overallPerHour, Math.floor(allowed)),
	};
}

/**
 * Keeps guessing slow. Addresses of stations cost nothing, so the bound that holds is the overall one: as many wrong codes as the odds of the codes
 * allow, with a reserve for leaseholders ({@link FairBucket}). A good code takes nothing of it. The waits of a station keep
 * one careless or curious guest from using it up. Customers (who spend an account already) have an overall bound of their own: a passer-by who
 * attacks the codes does not keep them from topping up. It is a bound too, because accounts are cheap: one byte given away makes one.
 * A station is who wears a hardware address with its lease; whoever wears the same one without it is another.
 * In memory only: a restart forgets it, and a guest cannot restart us.
 */
export class CodeLimiter {
	readonly #rates: LimiterRates;
	/** In the order of their last failure. */
	readonly #stations = new Map<string, Failures>();
	readonly #guests: FairBucket;
	readonly #customers: FairBucket;

	/** @param hitChance that one guess hits a code; 1: it is not known, and the configuration's rates hold */
	constructor(rates: LimiterRates, hitChance = 1) {
		this.#rates = rates;
		this.#guests = new FairBucket(bucketRates(rates, hitChance));
		this.#customers = new FairBucket(bucketRates(rates, hitChance));
	}

	/** There are other codes now. */
	setHitChance(hitChance: number): void {
		for (const bucket of [this.#guests, this.#customers]) bucket.setRates(bucketRates(this.#rates, hitChance));
	}

	/** How long the station must not try; undefined: it may now. To be asked before a code is looked up. */
	wait(station: string, guesser: Guesser, now: BootMs): Wait | undefined {
		const own = this.stationWait(station, now);
		if (own !== undefined) return own;
		const waitMs = this.#bucket(guesser).wait(guesser.standing, now);
		return waitMs === 0 ? undefined : { waitMs, scope: 'overall' };
	}

	/** The station's code was wrong. Must follow {@link wait} without anything in between. */
	failed(station: string, guesser: Guesser, now: BootMs): void {
		this.#bucket(guesser).take(now);
		this.stationFailed(station, now);
	}

	/** As {@link wait}, for codes that have a bound of their own. */
	stationWait(station: string, now: BootMs): Wait | undefined {
		const failures = this.#stations.get(station);
		return failures !== undefined && failures.untilMs > now
			? { waitMs: failures.untilMs - now, scope: 'station' }
			: undefined;
	}

	/** As {@link failed}, for codes that have a bound of their own. */
	stationFailed(station: string, now: BootMs): void {
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

	#bucket({ isCustomer }: Guesser): FairBucket {
		return isCustomer ? this.#customers : this.#guests;
	}

	#forgetOldest(): void {
		for (const station of this.#stations.keys()) {
			this.#stations.delete(station);
			break;
		}
	}
}
