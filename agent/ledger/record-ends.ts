import type { MeterId } from '../core/units.ts';
import type { AccountRow, AccountStore } from './account-store.ts';
import { validityTime } from './moment.ts';
import type { PackageStore } from './package-store.ts';
import type { MeterRow, SessionStore } from './session-store.ts';
import type { SettleRequest } from './settle.ts';
import type { SettlePlan } from './settle-plan.ts';
import { hasExpired } from './settlement.ts';
import type { SliceStore } from './slice-store.ts';

/** Why a usage record ends by itself. */
export type EndReason = 'funds' | 'used up' | 'expired';

export type RecordEndStores = {
	readonly accounts: AccountStore;
	readonly packages: PackageStore;
	readonly sessions: SessionStore;
	readonly slices: SliceStore;
	readonly newSessionId: () => string;
};

/** Sessions that began in a settle, by the meter of the station that goes on in them. */
export type Followed = Map<MeterId, string>;

type Settled = {
	readonly account: number;
	readonly planned: SettlePlan;
	/** The own meters that were named. */
	readonly meters: readonly MeterRow[];
	readonly followed: Followed;
};

/**
 * A usage record ends in the transaction that charges the last of what its station might use; whatever it uses afterwards, or may use
 * again, begins the next. Only inside of a transaction of its caller.
 */
export class RecordEnds {
	readonly #stores: RecordEndStores;

	constructor(stores: RecordEndStores) {
		this.#stores = stores;
	}

	/** The meter that has to be charged: of the next session, if there is something to be charged after the end of this one. */
	chargeable(meter: MeterRow, request: SettleRequest, followed: Followed): MeterRow {
		if (meter.ended === 0 || !this.#isUsed(meter, request)) return meter;
		return this.follow(meter, request, followed);
	}

	/** The station goes on in a new session. */
	follow(ended: MeterRow, { at }: SettleRequest, followed: Followed): MeterRow {
		const id = this.#stores.newSessionId();
		followed.set(ended.id, id);
		return this.#stores.sessions.follow(ended, id, at);
	}

	/**
	 * What is granted begins the next record; where nothing is, and nothing can follow now, those end that have had something.
	 *
	 * @returns whether anything was written
	 */
	after(request: SettleRequest, { account, planned, meters, followed }: Settled): boolean {
		if (!isNothing(planned, request)) {
			for (const meter of meters) if (meter.ended === 1) this.follow(meter, request, followed);
			return followed.size > 0;
		}
		if (request.endsRecords !== true) return false;
		const { accounts, sessions } = this.#stores;
		const reason = this.#reason(accounts.byNumber(account), request);
		if (reason === undefined) return false;
		const ending = meters.filter(({ ended, session }) => ended === 0 && sessions.isServed(session));
		for (const { session } of ending) sessions.end(session, reason, request.at);
		return ending.length > 0;
	}

	/** Undefined: it is no end. */
	#reason({ last_package: last, blocked }: AccountRow, { account, at }: SettleRequest): EndReason | undefined {
		const { accounts, packages, slices } = this.#stores;
		const validityMs = validityTime(at);
		// A block by hand is lifted by hand.
		const spent = last === null || blocked === 1 ? undefined : packages.byBalance(last);
		// The next slice of an account that lives at a platform may come at any moment.
		if (spent === undefined || slices.has(spent.balance)) return undefined;
		if (accounts.endOf(account, validityMs).atEnd === 'throttle') return undefined;
		if (hasExpired(spent, validityMs)) return 'expired';
		return spent.unit === 'micro' ? 'funds' : 'used up';
	}

	#isUsed(meter: MeterRow, { readings, elapsed = [], zeroRated = [], tethered = [] }: SettleRequest): boolean {
		const { sessions } = this.#stores;
		const { id } = meter;
		const isOfClass = (of: 'free' | 'tethered', up: number, down: number) => {
			const found = sessions.foundClassMeter(meter, of);
			return up > (found?.up_checkpoint ?? 0) || down > (found?.down_checkpoint ?? 0);
		};
		return (
			readings.some((one) => one.meter === id && (one.up > meter.up_checkpoint || one.down > meter.down_checkpoint)) ||
			elapsed.some((one) => one.meter === id && one.seconds > meter.seconds_checkpoint) ||
			zeroRated.some((one) => one.meter === id && isOfClass('free', one.up, one.down)) ||
			tethered.some((one) => one.meter === id && isOfClass('tethered', one.up, one.down))
		);
	}
}

/** Whether the kernel lets nothing pass of what a settle has granted. */
function isNothing({ granted }: SettlePlan, { least }: SettleRequest): boolean {
	const isEnough = (unit: 'byte' | 'second') => granted[unit] > 0 && granted[unit] >= (least?.[unit] ?? 0);
	return !isEnough('byte') && !isEnough('second');
}
