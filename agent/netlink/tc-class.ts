import { AttributeWriter } from './attribute.ts';
import {
	NLM_F_CREATE,
	RTM_DELTCLASS,
	RTM_GETTCLASS,
	RTM_NEWTCLASS,
	TC_LINKLAYER_ETHERNET,
	TCA_HTB_CEIL64,
	TCA_HTB_PARMS,
	TCA_HTB_RATE64,
	TCA_KIND,
	TCA_OPTIONS,
	TCA_STATS2,
} from './constants.ts';
import type { NetlinkMessage, NetlinkRequest } from './message.ts';
import { attributesAfter } from './nfnetlink.ts';
import {
	decodeFigures,
	NO_FIGURES,
	placeOf,
	type QueueFigures,
	TCMSG_BYTES,
	type TcPlace,
	tcmsg,
} from './tc-message.ts';

/** A class of an htb that never borrows: its rate is its ceiling. */
export type HtbClass = TcPlace & {
	readonly bytesPerSecond: number;
	/** What it may send at once after a pause. */
	readonly burstBytes: number;
	/** What it may send before another class that competes for the device has its turn. */
	readonly quantumBytes: number;
};

export type HtbClassFigures = HtbClass & { readonly figures: QueueFigures };

/** PSCHED_SHIFT (net/pkt_sched.h): the kernel takes times in units of 64 ns. */
const TICK_NANOSECONDS = 64;
/** struct tc_ratespec: cell_log u8, linklayer u8, overhead u16, cell_align s16, mpu u16, rate u32. */
const RATESPEC_BYTES = 12;
/** struct tc_htb_opt: rate, ceil; buffer, cbuffer, quantum, level, prio, each u32. */
const HTB_OPT_BYTES = 2 * RATESPEC_BYTES + 20;
const RATE32_MAX = 0xffff_ffff;

/** A new class, or other rates for one that there is: it keeps its queue. */
export function setHtbClass(htbClass: HtbClass): NetlinkRequest {
	return {
		type: RTM_NEWTCLASS,
		flags: NLM_F_CREATE,
		payload: encodeHtbClass(htbClass),
		what: `set class ${htbClass.handle.toString(16)} of device ${htbClass.interfaceIndex}`,
	};
}

/** What stands in its queue is dropped. ENOENT if there is none. */
export function deleteClass({ interfaceIndex, handle }: { interfaceIndex: number; handle: number }): NetlinkRequest {
	return {
		type: RTM_DELTCLASS,
		flags: 0,
		payload: tcmsg({ interfaceIndex, handle, parent: 0 }),
		what: `delete class ${handle.toString(16)} of device ${interfaceIndex}`,
	};
}

/** For `NetlinkConnection.dump`: the classes of one queueing discipline of a device. */
export function dumpClasses({ interfaceIndex, handle }: { interfaceIndex: number; handle: number }): NetlinkRequest {
	return {
		type: RTM_GETTCLASS,
		flags: 0,
		payload: tcmsg({ interfaceIndex, handle: 0, parent: handle }),
		what: `list the classes of device ${interfaceIndex}`,
	};
}

/** The class of a NEWTCLASS or DELTCLASS message; undefined for one of another kind. @throws OctroiError `netlink_malformed` */
export function decodeHtbClass(message: NetlinkMessage): HtbClassFigures | undefined {
	if (message.type !== RTM_NEWTCLASS && message.type !== RTM_DELTCLASS) return undefined;
	const cursor = attributesAfter(message, TCMSG_BYTES);
	let kind = '';
	let figures = NO_FIGURES;
	const rate = { bytesPerSecond: 0, burstBytes: 0, quantumBytes: 0 };
	while (cursor.next()) {
		if (cursor.type === TCA_KIND) kind = cursor.string();
		else if (cursor.type === TCA_STATS2) figures = decodeFigures(cursor.nested());
		else if (cursor.type === TCA_OPTIONS) {
			for (const options = cursor.nested(); options.next(); ) {
				const value = options.value();
				if (options.type === TCA_HTB_PARMS && value.length >= HTB_OPT_BYTES) {
					rate.bytesPerSecond ||= value.readUInt32LE(8);
					rate.burstBytes = value.readUInt32LE(2 * RATESPEC_BYTES);
					rate.quantumBytes = value.readUInt32LE(2 * RATESPEC_BYTES + 8);
				} else if (options.type === TCA_HTB_RATE64 && value.length === 8) {
					rate.bytesPerSecond = Number(value.readBigUInt64LE(0));
				}
			}
		}
	}
	if (kind !== 'htb') return undefined;
	rate.burstBytes = Math.round((rate.burstBytes * TICK_NANOSECONDS * rate.bytesPerSecond) / 1e9);
	return { ...placeOf(message), ...rate, figures };
}

/** The payload of a NEWTCLASS message. */
export function encodeHtbClass(htbClass: HtbClass): Buffer {
	const { bytesPerSecond, burstBytes, quantumBytes } = htbClass;
	const writer = new AttributeWriter(tcmsg(htbClass)).string(TCA_KIND, 'htb');
	const parameters = Buffer.alloc(HTB_OPT_BYTES);
	for (const at of [0, RATESPEC_BYTES]) {
		// With a link layer named, the kernel computes by itself rather than by tables of the tool.
		parameters.writeUInt8(TC_LINKLAYER_ETHERNET, at + 1);
		parameters.writeUInt32LE(Math.min(RATE32_MAX, bytesPerSecond), at + 8);
	}
	const ticks = Math.min(0xffff_ffff, Math.round((burstBytes * 1e9) / bytesPerSecond / TICK_NANOSECONDS));
	parameters.writeUInt32LE(ticks, 2 * RATESPEC_BYTES);
	parameters.writeUInt32LE(ticks, 2 * RATESPEC_BYTES + 4);
	parameters.writeUInt32LE(quantumBytes, 2 * RATESPEC_BYTES + 8);
	return writer
		.nested(TCA_OPTIONS, (options) => {
			options.bytes(TCA_HTB_PARMS, parameters);
			if (bytesPerSecond < RATE32_MAX) return;
			const wide = Buffer.alloc(8);
			wide.writeBigUInt64LE(BigInt(bytesPerSecond));
			options.bytes(TCA_HTB_RATE64, wide).bytes(TCA_HTB_CEIL64, wide);
		})
		.payload();
}
