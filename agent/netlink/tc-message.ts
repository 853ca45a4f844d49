import type { AttributeCursor } from './attribute.ts';
import { TCA_STATS_BASIC, TCA_STATS_QUEUE } from './constants.ts';
import type { NetlinkMessage } from './message.ts';

/** struct tcmsg (linux/rtnetlink.h): family u8, 3 bytes of padding, ifindex s32, handle u32, parent u32, info u32. */
export const TCMSG_BYTES = 20;

/** Where a queueing discipline or a class is. Handles are major << 16 | minor. */
export type TcPlace = { readonly interfaceIndex: number; readonly handle: number; readonly parent: number };

/** What has passed a queue, and what stands in it. */
export type QueueFigures = {
	readonly bytes: number;
	readonly packets: number;
	/** Dropped packets. */
	readonly drops: number;
	readonly backlogBytes: number;
	readonly backlogPackets: number;
};

export const NO_FIGURES: QueueFigures = { bytes: 0, packets: 0, drops: 0, backlogBytes: 0, backlogPackets: 0 };

export function tcmsg({ interfaceIndex, handle, parent }: TcPlace): Buffer {
	const header = Buffer.alloc(TCMSG_BYTES);
	header.writeInt32LE(interfaceIndex, 4);
	header.writeUInt32LE(handle, 8);
	header.writeUInt32LE(parent, 12);
	return header;
}

/** The caller has made sure of the header's length. */
export function placeOf({ buffer, start }: NetlinkMessage): TcPlace {
	return {
		interfaceIndex: buffer.readInt32LE(start + 4),
		handle: buffer.readUInt32LE(start + 8),
		parent: buffer.readUInt32LE(start + 12),
	};
}

/** TCA_STATS2: struct gnet_stats_basic (bytes u64, packets u32), struct gnet_stats_queue (five u32). */
export function decodeFigures(stats: AttributeCursor): QueueFigures {
	const figures: { -readonly [Field in keyof QueueFigures]: number } = { ...NO_FIGURES };
	while (stats.next()) {
		const value = stats.value();
		if (stats.type === TCA_STATS_BASIC && value.length >= 12) {
			figures.bytes = Number(value.readBigUInt64LE(0));
			figures.packets = value.readUInt32LE(8);
		} else if (stats.type === TCA_STATS_QUEUE && value.length >= 12) {
			figures.backlogPackets = value.readUInt32LE(0);
			figures.backlogBytes = value.readUInt32LE(4);
			figures.drops = value.readUInt32LE(8);
		}
	}
	return figures;
}
