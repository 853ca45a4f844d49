import type { MacAddress, MeterId } from '../core/units.ts';
import type { Pace } from '../ledger/package.ts';

/** The stations of one account share a pool: one pair of quota objects, so that they share its balance to the byte. */
export type PoolId = number;

/** How a quota object of the kernel stands. Once depleted, it no longer says how much it saw. */
export type QuotaReading = { readonly limitBytes: number; readonly usedBytes: number; readonly depleted: boolean };

export type CounterReading = {
	readonly meter: MeterId;
	readonly up: number;
	readonly down: number;
	/** What its zero-rated flows moved, if those are counted. It is not in the figures above. */
	readonly free?: { readonly up: number; readonly down: number };
	/** What flows of devices behind it moved, if those are counted. It is not in the figures above, and is charged too. */
	readonly tethered?: { readonly up: number; readonly down: number };
};

/**
 * The kernel's figures of one pool. Quotas are read before counters: a byte that passes in between is charged now and
 * still counts against the limits that are computed from these quotas, so it can never be given away.
 */
export type PoolReading = {
	readonly grant?: QuotaReading;
	readonly reserve?: QuotaReading;
	readonly counters: readonly CounterReading[];
	/** Meters that were asked for and have no counters. */
	readonly missing: readonly MeterId[];
};

/**
 * What the kernel shall let the stations of a pool do from now on, whether the agent lives or not. A `pace` is how fast they
 * may spend it, all together.
 */
export type Right =
	/** Nothing but the walled garden. */
	| { readonly kind: 'nothing' }
	/** `grantBytes` until the low-water alarm, `reserveBytes` more until the end; both counted from `reading`. */
	| {
			readonly kind: 'bytes';
			readonly grantBytes: number;
			readonly reserveBytes: number;
			readonly reading: PoolReading;
			readonly pace?: Pace;
			/** Nothing more can come: when these bytes are used up, fair use begins, with no agent awake. */
			readonly after?: { readonly bytesPerSecond: number };
	  }
	/** Each meter for so many milliseconds of the kernel's clock. */
	| { readonly kind: 'time'; readonly milliseconds: ReadonlyMap<MeterId, number>; readonly pace?: Pace }
	/** Fair use: a rate each way, that the stations of the pool share. */
	| { readonly kind: 'slow'; readonly bytesPerSecond: number }
	/** What it is: only the stations change. Those that come share it, those that go lose it. */
	| { readonly kind: 'same' };

/** What a class of flows of a pool, own or tethered, may have of its right. */
export type ClassRight =
	| { readonly kind: 'whole' }
	| {
			readonly kind: 'limited';
			/** So much at first as if there were no limit. `isNew`: counted from now; else what the kernel has goes on. */
			readonly before?: { readonly bytes: number; readonly isNew: boolean };
			/** Afterwards so fast, all together; absent: not at all. */
			readonly bytesPerSecond?: number;
	  };

export type PoolChange = {
	readonly pool: PoolId;
	/**
	 * All meters that have the right afterwards. Those that are new get their counters in the same transaction; those that
	 * are missing here lose mark and right, but keep their counters until they are charged and forgotten.
	 */
	readonly meters: readonly { readonly meter: MeterId; readonly mac: MacAddress }[];
	readonly right: Right;
	/** What the flows of the stations themselves may have. Absent: the whole right. Stays what it is with `same`. */
	readonly own?: ClassRight;
	/** The same for flows of devices behind them. */
	readonly tethered?: ClassRight;
};

/** What the kernel held when we came. */
export type GateState = {
	/** Of the table's present life; its counters began at 0 with it. */
	readonly epoch: string;
	readonly pools: readonly {
		readonly pool: PoolId;
		readonly meters: readonly MeterId[];
		/** Which objects it has: quotas, a rate, or none. */
		readonly mode: 'bytes' | 'slow' | 'nothing';
		/** Fair use is set up to begin when the bytes are used up. */
		readonly slowsByItself?: true;
	}[];
	/** Meters that share no quota: of time packages, of ended accounts, or orphans. */
	readonly unbound: readonly MeterId[];
	/** Of time packages: how long each meter's element had been given, and what is left of it. */
	readonly timed: ReadonlyMap<MeterId, { readonly givenMs: number; readonly leftMs: number }>;
};

/** What the meter needs of the kernel; the data plane implements it. All throw the `netlink_*` codes. */
export type Gate = {
	/** Quotas of the pool, then the counters of the given meters. */
	read(pool: PoolId, meters: readonly MeterId[]): Promise<PoolReading>;
	/**
	 * One transaction: packets see the pool as it was, or as it is afterwards. Refused if the table was replaced since it was
	 * asked for: what was decided from the counters of one table must not be spent in the next.
	 */
	apply(change: PoolChange): Promise<void>;
	/** Removes counters that are charged; flows keep their mark. */
	removeCounters(meters: readonly MeterId[]): Promise<void>;
	/** The same, and removes the flows that still carry their mark. */
	forget(meters: readonly MeterId[]): Promise<void>;
	/** Every counter that there is; those of zero-rated and of tethered flows are told apart. */
	sample(
		visit: (meter: MeterId, direction: 'up' | 'down', bytes: number, trafficClass?: 'free' | 'tethered') => void,
	): Promise<void>;
	/** The largest meter id. */
	readonly meterMax: number;
};

/** What the kernel tells by itself. */
export type GateEvents = {
	/** The grant is used up; the reserve is being spent. */
	lowWater(pool: PoolId): void;
	/** Nothing is left. */
	depleted(pool: PoolId): void;
	/** The flows of one class have had their part; they are slowed or blocked from now on. */
	partSpent?(pool: PoolId): void;
	/** Events were lost: anything may have happened. */
	resynchronise(): void;
	/** Someone removed our table. It was loaded anew, empty, and every counter and quota is lost. */
	tableReplaced(state: GateState): void;
};
