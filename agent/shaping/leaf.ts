import type { LeafQueue, NetlinkConnection } from '../netlink/index.ts';
import { probeQdisc, refusalOf } from '../netlink/index.ts';
import { bucketBytesOf } from './class-rate.ts';

export type LeafKind = LeafQueue['kind'];

/** What the kernel can do for a rate. */
export type Abilities = {
	readonly htb: boolean;
	/** The best queue for a class; the last resort is in every kernel that has queueing disciplines at all. */
	readonly leaf: LeafKind;
};

/** Best first. */
const LEAVES: readonly LeafKind[] = ['fq_codel', 'sfq', 'bfifo'];

/** The shortest packet that is worth a thought: IPv4 and UDP headers. */
const PACKET_BYTES_MIN = 28;
/** For a device that stands still for a moment while a queue is full. */
const SLACK_BYTES = 64 * 1024;
/** What the kernel keeps for a short packet, beside its bytes (SKB_TRUESIZE of a small buffer, rounded up). */
const PACKET_MEMORY_BYTES = 1024;
/** Of one queue: only a flood of the shortest packets at a high speed comes near. */
const MEMORY_BYTES_MAX = 8 << 20;
/** A station with more flows than this in one queue at once shares turns among some; 1,024, the default, are 68 KiB a class. */
const FLOWS = 64;
/** SQM's value for slow links: five short packets in a turn for one long one. */
const QUANTUM_BYTES = 300;
/** Longer than any packet waits in a queue that its limit keeps short: the queue never drops what was counted. */
const NEVER_MICROSECONDS = 30_000_000;
/** CoDel's own (RFC 8289): for what is not shaped, and was in such a queue before. */
const TARGET_MICROSECONDS = 5000;
const INTERVAL_MICROSECONDS = 100_000;
/** sfq holds so many packets of a flow, and no more (SFQ_DEFAULT_FLOWS - 1). */
const SFQ_DEPTH = 127;

/** Which queues the kernel has; asks on the loopback device, changes nothing. @throws the `netlink_*` codes */
export async function probeAbilities(route: NetlinkConnection, loopbackIndex: number): Promise<Abilities> {
	const has = async (kind: string): Promise<boolean> => {
		try {
			await route.request(probeQdisc(kind, loopbackIndex));
			return true;
		} catch (error) {
			const [refusal] = refusalOf(error);
			if (refusal === undefined || refusal.errno === 'EPERM') throw error;
			return refusal.errno !== 'ENOENT' && refusal.errno !== 'EOPNOTSUPP';
		}
	};
	const htb = await has('htb');
	for (const leaf of LEAVES) if (await has(leaf)) return { htb, leaf };
	return { htb: false, leaf: 'bfifo' };
}

/**
 * The queue of a class. Its limit in the rules lets no more in than `burstBytesOf` the rate stands for, so it holds twice that:
 * the second half is for a device that stands still for a moment.
 */
export function leafOf(kind: LeafKind, bytesPerSecond: number): LeafQueue {
	const roomBytes = bucketBytesOf(bytesPerSecond) + SLACK_BYTES;
	const packets = Math.ceil(roomBytes / PACKET_BYTES_MIN);
	if (kind === 'bfifo') return { kind, limitBytes: roomBytes };
	if (kind === 'sfq') return { kind, limitPackets: SFQ_DEPTH * SFQ_DEPTH, quantumBytes: 1514, flows: 0 };
	return {
		kind,
		limitPackets: packets,
		memoryBytes: Math.min(MEMORY_BYTES_MAX, packets * PACKET_MEMORY_BYTES),
		flows: FLOWS,
		quantumBytes: QUANTUM_BYTES,
		targetMicroseconds: NEVER_MICROSECONDS,
		intervalMicroseconds: INTERVAL_MICROSECONDS,
		ecn: false,
	};
}

/** For all that is not shaped, on a device that had the kernel's default queue before: the same as that is by default. */
export const UNSHAPED_LEAF: LeafQueue = {
	kind: 'fq_codel',
	limitPackets: 10_240,
	memoryBytes: 4 << 20,
	flows: 1024,
	quantumBytes: 1514,
	targetMicroseconds: TARGET_MICROSECONDS,
	intervalMicroseconds: INTERVAL_MICROSECONDS,
	ecn: true,
};
