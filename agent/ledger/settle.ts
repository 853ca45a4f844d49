import type { AccountId, Bytes, MeterId, Seconds, Unit, WallMs } from '../core/units.ts';
import type { Amounts, UsageAmounts } from './account.ts';
import type { Epoch, Moment } from './moment.ts';
import type { ClassPolicy, Pace } from './package.ts';

/** The cumulative kernel counters of one meter, in bytes since the epoch (or the session, if later) began. */
export type Reading = { readonly meter: MeterId; readonly up: number; readonly down: number };

/** The cumulative seconds of one session under a time package. */
export type Elapsed = { readonly meter: MeterId; readonly seconds: number };

export type SettleRequest = {
	readonly epoch: Epoch;
	readonly account: AccountId;
	readonly at: Moment;
	/** Meters that are not named keep their checkpoint. */
	readonly readings: readonly Reading[];
	/** The cumulative counters of their zero-rated flows, by the meters of their sessions; never charged, but recorded. */
	readonly zeroRated?: readonly Reading[];
	/** The same of flows of devices behind their stations: charged as the readings are, and recorded apart. */
	readonly tethered?: readonly Reading[];
	readonly elapsed?: readonly Elapsed[];
	/**
	 * What the stations have had of seconds that are not among `elapsed`, in milliseconds, and what of it the ledger had told before. It
	 * stays with the account, whoever comes and goes. Absent: nothing has changed. Stored when something else is, when nothing is kept, or
	 * (`isFinal`) when a station stops.
	 */
	readonly begun?: { readonly ms: number; readonly knownMs: number; readonly isFinal?: true };
	/** These bytes are not charged: a time package is in force, or they passed at the rate of fair use. Recorded as such. */
	readonly free: boolean | 'included' | 'throttled';
	/** What exceeds the open grants passed at the rate of fair use: it is not taken from what remains. Default false. */
	readonly grantsOnly?: boolean;
	/**
	 * What the kernel shall be allowed afterwards: reserved in packages, then in the wallet. Less where these do not suffice,
	 * 0 for a blocked account.
	 */
	readonly reserve: UsageAmounts;
	/** The kernel goes on with what it has: every grant stays where it is, less what was used of it. Default false. */
	readonly keep?: boolean;
	/** Less than this cannot be used by itself, so it does not hold up what follows at another pace. Default: 0. */
	readonly least?: UsageAmounts;
	/** Nothing else is left beyond `reserve`: what is missing of it may come from the grace allowance. Default false. */
	readonly grace?: boolean;
	/** The kernel lets nothing pass any more, and where nothing can be reserved it stays so: then usage records end. Default false. */
	readonly endsRecords?: boolean;
};

/** A part of one package that is durably reserved, so that the kernel may spend it. */
export type Grant = {
	/** The id of the pending transfer. */
	readonly id: string;
	readonly package: string;
	/** `micro`: money, for what the tariff makes of it. */
	readonly unit: Unit;
	readonly amount: number;
	/** When the package expires. */
	readonly expiresAtWallMs?: WallMs;
};

/** How much of a package was of one class of flows, and what it allows them. */
export type ClassUse = {
	readonly package: string;
	/** While it was being spent, up to now. */
	readonly usedBytes: number;
	/** Absent: what the venue allows. */
	readonly policy?: ClassPolicy;
};

export type SettleResult = {
	/** False: nothing had changed, so no row was written. */
	readonly written: boolean;
	/** The differences between the readings and the checkpoints: paid + unpaid. */
	readonly usedBytes: Bytes;
	readonly usedSeconds: Seconds;
	readonly paidBytes: Bytes;
	readonly paidSeconds: Seconds;
	/** What the paid ones cost the wallet: these were paid by no package. */
	readonly costMicro: number;
	/** Throttled, included or overrun. */
	readonly unpaidBytes: Bytes;
	readonly unpaidSeconds: Seconds;
	/** The part of `unpaid` that nothing allowed. Never above 0 in correct operation: log it as an error. */
	readonly overrunBytes: Bytes;
	readonly overrunSeconds: Seconds;
	/** What the kernel may spend now: the sum of `grants`, money turned into usage by the tariff. */
	readonly granted: UsageAmounts;
	/** What is neither used, reserved nor expired, with what may be drawn from groups; without grace. */
	readonly available: Amounts;
	/** How fast the kernel may let it be spent. Absent: as fast as it can. */
	readonly pace?: Pace;
	/** Of the package that is spent last of what is granted. Absent: nothing is granted. */
	readonly own?: ClassUse;
	readonly tethered?: ClassUse;
	/** Some of what is granted is the allowance after the end. */
	readonly inGrace: boolean;
	/** All open grants of the account, in spending order. */
	readonly grants: readonly Grant[];
	/** Stations whose record had ended, and which go on in these sessions. Absent: none. */
	readonly followed?: ReadonlyMap<MeterId, string>;
	/** What the account has of `begun` now, where that was stored. */
	readonly begunMs?: number;
	/** What expired and was moved out of the balance in this settle. */
	readonly expired: Amounts;
};
