/** A token bucket must hold at least some packets, or TCP never gets up to the rate; a joined packet (GRO) is many. */
const BURST_BYTES_MIN = 32 * 1024;
/** Of the rate: what a slowed station may send at once after a pause, which is what its queue holds. */
const BURST_SECONDS = 0.1;
/** A plan that limits one direction: 100 Gbit/s for the other. nft_limit counts nanoseconds in 64 bits, which is no more. */
export const RATE_UNLIMITED = 12_500_000_000;

/** What a limit lets through at once after a pause: nft_limit adds a second of its rate to the burst (nft_limit_init). */
export function bucketBytesOf(bytesPerSecond: number): number {
	return Math.ceil(bytesPerSecond) + burstBytesOf(bytesPerSecond);
}

export function burstBytesOf(bytesPerSecond: number): number {
	return Math.max(BURST_BYTES_MIN, Math.ceil(bytesPerSecond * BURST_SECONDS));
}

/**
 * The major number of our queueing disciplines: "oc". Nobody else's tools choose it (they count from 1, and the kernel from
 * 0x8000), so that a restarted agent knows its own.
 */
export const CLASS_MAJOR = 0x6f63;

/**
 * A pool has up to four rates, which may stand in the kernel together: the speed of its plan, those of what is tethered and of
 * what is not, and fair use for afterwards.
 */
export type ClassPart = 'pace' | 'tether' | 'slow' | 'own';

/** Pools are numbered from 1 to 6,435 at most, like meters; the bits above tell the parts apart. */
const PART_BITS: Record<ClassPart, number> = { pace: 0, tether: 0x4000, slow: 0x8000, own: 0xc000 };

/**
 * The class of a pool, as `skb->priority` and as the handle of the shaper's class: on every device the same, so that one map
 * serves both directions. It follows from the pool, so it needs no memory.
 */
export function classOf(part: ClassPart, pool: number): number {
	return ((CLASS_MAJOR << 16) | PART_BITS[part] | pool) >>> 0;
}

/** Bytes a second each way; absent: not limited. */
export type ClassRates = { readonly up?: number; readonly down?: number };

/** A class as a map holds it: host order, as `meta priority` takes it. */
export function classData(classId: number): Buffer {
	return Buffer.from(Uint32Array.of(classId).buffer);
}

/**
 * A class is served a little faster than its limit lets packets in: what a late timer or a busy processor costs a queue is
 * made up for, so it never grows beyond what the limit stands for. The limit alone sets the rate.
 */
const EXCESS = 1 / 64;
/** A busy router's timers are late by less than this, as a rule: what a class has not sent then, it may send at once. */
const LATENESS_SECONDS = 0.05;
/** Eight full packets: nobody sees so short a burst, and a slow class makes up for a longer delay. */
const CLASS_BURST_BYTES_MIN = 12_112;
/** One full packet in a turn at least (and no warning of the kernel); at most what is sent in well under a millisecond. */
const QUANTUM_BYTES_MIN = 1514;
const QUANTUM_BYTES_MAX = 60_000;

/** How the class of a rate is served. Classes compete by turns only where the device itself is the slower one: then by rate. */
export function classRate(bytesPerSecond: number) {
	const served = Math.ceil(bytesPerSecond * (1 + EXCESS));
	const bytesInTime = Math.ceil(served * LATENESS_SECONDS);
	return {
		bytesPerSecond: served,
		burstBytes: Math.max(CLASS_BURST_BYTES_MIN, bytesInTime),
		quantumBytes: Math.min(QUANTUM_BYTES_MAX, Math.max(QUANTUM_BYTES_MIN, bytesInTime)),
	};
}
