import type { PoolId } from './names.ts';

/** A token bucket must hold at least some packets, or TCP never gets up to the rate; a joined packet (GRO) is many. */
const BURST_BYTES_MIN = 32 * 1024;
/** Of the rate: what a slowed station may send at once after a pause, which is what its queue holds. */
const BURST_SECONDS = 0.1;
/** A plan that limits one direction: 100 Gbit/s for the other. nft_limit counts nanoseconds in 64 bits, which is no more. */
export const RATE_UNLIMITED = 12_500_000_000;

/** What a limit lets through at once: the room of the queue whose tail it is. */
export function burstBytesOf(bytesPerSecond: number): number {
	return Math.max(BURST_BYTES_MIN, Math.ceil(bytesPerSecond * BURST_SECONDS));
}

/**
 * The major number of our queueing disciplines: "oc". Nobody else's tools choose it (they count from 1, and the kernel from
 * 0x8000), so that a restarted agent knows its own.
 */
export const CLASS_MAJOR = 0x6f63;

/** A pool has two rates, and they may stand in the kernel together: the speed of its plan, and fair use for afterwards. */
export type ClassPart = 'slow' | 'pace';

/** Pools are numbered like meters, which have 15 bits: the 16th tells the parts apart. */
const SLOW_BIT = 0x8000;

/**
 * The class of a pool, as `skb->priority` and as the handle of the shaper's class: on every device the same, so that one map
 * serves both directions. It follows from the pool, so it needs no memory.
 */
export function classOf(part: ClassPart, pool: PoolId): number {
	return ((CLASS_MAJOR << 16) | (part === 'slow' ? SLOW_BIT : 0) | pool) >>> 0;
}

/** A class as a map holds it: host order, as `meta priority` takes it. */
export function classData(classId: number): Buffer {
	return Buffer.from(Uint32Array.of(classId).buffer);
}
