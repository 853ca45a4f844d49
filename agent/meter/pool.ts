import type { AccountId, BootMs, MacAddress, MeterId } from '../core/units.ts';
import type { Pace } from '../ledger/package.ts';
import type { ClassRight, PoolId } from './gate.ts';

/** What the kernel lets a pool do, as the meter last decided it. */
export type PoolMode = 'nothing' | 'bytes' | 'time' | 'slow';

/** One attached station: a session, with the two counters that the kernel keeps for it. */
export type MeterState = {
	readonly meter: MeterId;
	readonly mac: MacAddress;
	session: string;
	/** What all its counters had shown when this session began: other than 0 where it follows one that has ended. */
	beganBytes: number;
	/** The largest values that any reading showed: readings may arrive out of their order. */
	up: number;
	down: number;
	/** The values that the ledger has as its checkpoint. */
	settledUp: number;
	settledDown: number;
	/** What its zero-rated flows moved: recorded, never charged. */
	readonly free: ClassUsage;
	/** What flows of devices behind it moved: charged as its own, and recorded apart. Not in `up` and `down`. */
	readonly tethered: TetheredUsage;
	upBytesPerSecond: number;
	downBytesPerSecond: number;
	/** The last sample in which it had received something; undefined: none in this session. */
	receivedAtMs: BootMs | undefined;
	/** Seconds charged in this session so far. */
	seconds: number;
	/** Whether the kernel was given its counters, so that they must be there. */
	isCounted: boolean;
	/** Whether its counters vanished, or were set back: from then on they prove nothing. */
	isLost: boolean;
	/** The slice of a time package that the kernel is letting pass, from `sinceMs` on. */
	slice: { sinceMs: BootMs; seconds: number } | undefined;
};

/** Readings and checkpoint of a class other than the station's own. */
export type ClassUsage = { up: number; down: number; settledUp: number; settledDown: number };

/** The same of tethered flows, with what the sample before saw. */
export type TetheredUsage = ClassUsage & {
	readonly rate: { up: number; down: number };
	readonly sampled: { up: number; down: number };
};

type Usage = { readonly up: number; readonly down: number };
const NONE: Usage = { up: 0, down: 0 };

/** A meter whose counters stand where its checkpoint is. */
export function newMeterState(
	station: { meter: MeterId; mac: MacAddress; session: string },
	checkpoint: { up: number; down: number; seconds: number } = { up: 0, down: 0, seconds: 0 },
	{ free = NONE, tethered = NONE }: { free?: Usage; tethered?: Usage } = {},
): MeterState {
	const { up, down, seconds } = checkpoint;
	const rates = { upBytesPerSecond: 0, downBytesPerSecond: 0, receivedAtMs: undefined };
	return {
		...station,
		beganBytes: 0,
		up,
		down,
		settledUp: up,
		settledDown: down,
		free: { ...free, settledUp: free.up, settledDown: free.down },
		tethered: {
			...tethered,
			settledUp: tethered.up,
			settledDown: tethered.down,
			rate: { ...NONE },
			sampled: { up: tethered.up, down: tethered.down },
		},
		...rates,
		seconds,
		isCounted: up + down > 0,
		isLost: false,
		slice: undefined,
	};
}

/** What a class of flows may have, and the package of which the kernel counts its part. */
export type PoolClass = { readonly right: ClassRight; readonly package?: string };
const WHOLE: PoolClass = { right: { kind: 'whole' } };

/** The stations of one account, and what stands granted to them together. */
export type Pool = {
	readonly id: PoolId;
	readonly account: AccountId;
	readonly meters: Map<MeterId, MeterState>;
	mode: PoolMode;
	/** Why, for people. */
	reason: string;
	/** Why nothing more can be granted, though the kernel has used up what it had; undefined: it can, or it has. */
	stalled: string | undefined;
	/** The kernel goes on at the rate of fair use when the bytes are used up: what it counts then was not bought. */
	slowsByItself: boolean;
	/** How fast it may be spent. */
	pace: Pace | undefined;
	/** What its flows may have of that, by class. */
	own: PoolClass;
	tethered: PoolClass;
	/** What the ledger holds reserved for the kernel. */
	openBytes: number;
	openSeconds: number;
	/**
	 * What was had of seconds that had begun when their slices ended, and are not charged yet. The next slice of any station goes on with
	 * it, or coming and going would be free time. Also what the ledger has of this and of the slices that run.
	 */
	begunMs: number;
	knownBegunMs: number;
	/** When the present grant began, and how much was used up to then: the rate since gives the size of the next. */
	armedAtMs: BootMs;
	armedUsedBytes: number;
	/** When the ledger last heard of this pool. */
	settledAtMs: BootMs;
	/** One change at a time. */
	turn: Promise<void>;
	cancelTimer: (() => void) | undefined;
};

export function newPool(id: PoolId, account: AccountId, now: BootMs): Pool {
	return {
		id,
		account,
		meters: new Map(),
		mode: 'nothing',
		stalled: undefined,
		reason: '',
		slowsByItself: false,
		pace: undefined,
		own: WHOLE,
		tethered: WHOLE,
		openBytes: 0,
		openSeconds: 0,
		begunMs: 0,
		knownBegunMs: 0,
		armedAtMs: now,
		armedUsedBytes: 0,
		settledAtMs: now,
		turn: Promise.resolve(),
		cancelTimer: undefined,
	};
}

/** Bytes that the kernel has counted and the ledger has not. */
export function unsettledBytes(pool: Pool): number {
	let bytes = 0;
	for (const meter of pool.meters.values()) bytes += unsettled(meter) + unsettled(meter.tethered);
	return bytes;
}

/** All that was counted in the present session of a station, zero-rated too. */
export function sessionBytes({ beganBytes, up, down, free, tethered }: MeterState): number {
	return up + down + free.up + free.down + tethered.up + tethered.down - beganBytes;
}

/** What a station sent, its own and what is behind it. */
export function upBytes({ up, tethered }: MeterState): number {
	return up + tethered.up;
}

export function downBytes({ down, tethered }: MeterState): number {
	return down + tethered.down;
}

export function upRate({ upBytesPerSecond, tethered }: MeterState): number {
	return Math.round(upBytesPerSecond + tethered.rate.up);
}

export function downRate({ downBytesPerSecond, tethered }: MeterState): number {
	return Math.round(downBytesPerSecond + tethered.rate.down);
}

/** Of these, what was bought: where fair use begins by itself, what exceeds the grants has passed at its rate. */
export function payableBytes(pool: Pool): number {
	const bytes = unsettledBytes(pool);
	return pool.slowsByItself ? Math.min(pool.openBytes, bytes) : bytes;
}

/** Zero-rated bytes that the kernel has counted and the ledger has not. */
export function unsettledFreeBytes(pool: Pool): number {
	let bytes = 0;
	for (const { free } of pool.meters.values()) bytes += unsettled(free);
	return bytes;
}

function unsettled({ up, down, settledUp, settledDown }: ClassUsage): number {
	return up - settledUp + down - settledDown;
}

/** All that a station's counters showed when they were last charged. */
export function settledBytes({ settledUp, settledDown, free, tethered }: MeterState): number {
	return settledUp + settledDown + free.settledUp + free.settledDown + tethered.settledUp + tethered.settledDown;
}

export function usedBytes(pool: Pool): number {
	let bytes = 0;
	for (const { up, down, tethered } of pool.meters.values()) bytes += up + down + tethered.up + tethered.down;
	return bytes;
}

/** The rate of all stations: as sampled, or since the present grant began, whichever is higher. */
export function bytesPerSecond(pool: Pool, now: BootMs): number {
	let sampled = 0;
	for (const { upBytesPerSecond: up, downBytesPerSecond: down, tethered } of pool.meters.values()) {
		sampled += up + down + tethered.rate.up + tethered.rate.down;
	}
	const elapsedMs = Math.max(1, now - pool.armedAtMs);
	return Math.max(sampled, ((usedBytes(pool) - pool.armedUsedBytes) * 1000) / elapsedMs);
}

/** What a meter has had of its slice and is not charged yet, in milliseconds. */
export function hadMs({ slice }: MeterState, now: BootMs): number {
	return slice ? Math.min(slice.seconds * 1000, Math.max(0, now - slice.sinceMs)) : 0;
}

/** Of all that the stations of a pool have had: what is left when whole seconds are charged, in milliseconds. */
export function begunMs(pool: Pool, now: BootMs): number {
	let sum = pool.begunMs;
	for (const meter of pool.meters.values()) sum += hadMs(meter, now) - elapsedSeconds(meter, now) * 1000;
	return sum;
}

/** Whole seconds of its slice that a meter has had; the kernel ends it with the slice. */
export function elapsedSeconds({ slice }: MeterState, now: BootMs): number {
	return slice ? Math.min(slice.seconds, Math.floor((now - slice.sinceMs) / 1000)) : 0;
}

/** What a pool's stations have had and the ledger has not charged yet: whole seconds where they pay for time, else bytes. */
export function unsettledOf(pool: Pool, now: BootMs): { byte: number; second: number } {
	if (pool.mode !== 'time') return { byte: unsettledBytes(pool), second: 0 };
	let second = 0;
	for (const meter of pool.meters.values()) second += elapsedSeconds(meter, now);
	return { byte: 0, second };
}
