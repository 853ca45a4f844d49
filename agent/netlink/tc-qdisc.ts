import { AttributeWriter } from './attribute.ts';
import {
	NLM_F_CREATE,
	NLM_F_ECHO,
	NLM_F_EXCL,
	NLM_F_REPLACE,
	RTM_DELQDISC,
	RTM_GETQDISC,
	RTM_NEWQDISC,
	TC_H_ROOT,
	TC_HTB_PROTOVER,
	TC_LINKLAYER_ETHERNET,
	TCA_HTB_DIRECT_QLEN,
	TCA_HTB_INIT,
	TCA_KIND,
	TCA_OPTIONS,
	TCA_STAB,
	TCA_STAB_BASE,
	TCA_STATS2,
} from './constants.ts';
import type { NetlinkMessage, NetlinkRequest } from './message.ts';
import { attributesAfter } from './nfnetlink.ts';
import { type LeafQueue, writeLeafOptions } from './tc-leaf.ts';
import {
	decodeFigures,
	NO_FIGURES,
	placeOf,
	type QueueFigures,
	TCMSG_BYTES,
	type TcPlace,
	tcmsg,
} from './tc-message.ts';

/** A queueing discipline of a device. The kernel's own defaults have the handle 0. */
export type Qdisc = TcPlace & { readonly kind: string; readonly figures: QueueFigures };

/** A root of kind htb, that sends unclassified packets on at once, or through its class `defaultMinor`. */
export type HtbRoot = {
	readonly interfaceIndex: number;
	readonly handle: number;
	readonly defaultMinor: number;
	/** Added to the length of each packet, whose link-layer header the kernel counts: −14 leaves layer 3 of Ethernet. */
	readonly overheadBytes: number;
	/** How many unclassified packets may wait while the device is busy. Default: the device's own queue length. */
	readonly directPacketsMax?: number;
};

/** Refused with EEXIST where somebody's root is already; the kernel's own default gives way. */
export function newHtbRoot(root: HtbRoot): NetlinkRequest {
	return {
		type: RTM_NEWQDISC,
		flags: NLM_F_CREATE | NLM_F_EXCL,
		payload: encodeHtbRoot(root),
		what: `add the root htb to device ${root.interfaceIndex}`,
	};
}

/** The payload of a NEWQDISC message for {@link HtbRoot}. */
export function encodeHtbRoot(root: HtbRoot): Buffer {
	const { interfaceIndex, handle, defaultMinor, overheadBytes, directPacketsMax } = root;
	const writer = new AttributeWriter(tcmsg({ interfaceIndex, handle, parent: TC_H_ROOT }));
	writer.string(TCA_KIND, 'htb');
	// struct tc_htb_glob: version, rate2quantum, defcls, debug, direct_pkts. Quanta are set for each class.
	const glob = Buffer.alloc(20);
	glob.writeUInt32LE(TC_HTB_PROTOVER, 0);
	glob.writeUInt32LE(10, 4);
	glob.writeUInt32LE(defaultMinor, 8);
	writer.nested(TCA_OPTIONS, (options) => {
		options.bytes(TCA_HTB_INIT, glob);
		if (directPacketsMax !== undefined) options.u32le(TCA_HTB_DIRECT_QLEN, directPacketsMax);
	});
	if (overheadBytes !== 0) {
		// struct tc_sizespec: cell_log u8, size_log u8, cell_align s16, overhead s32, linklayer, mpu, mtu, tsize u32. No table.
		const stab = Buffer.alloc(24);
		stab.writeInt32LE(overheadBytes, 4);
		stab.writeUInt32LE(TC_LINKLAYER_ETHERNET, 8);
		writer.nested(TCA_STAB, (nested) => nested.bytes(TCA_STAB_BASE, stab));
	}
	return writer.payload();
}

/**
 * Gives a class its queue, which the kernel numbers. One of the same kind that the class has already is refused (EEXIST), or takes
 * the new bounds and keeps its packets.
 */
export function setLeafQueue(
	{ interfaceIndex, parent }: { interfaceIndex: number; parent: number },
	leaf: LeafQueue,
	{ existing = 'refuse' }: { existing?: 'refuse' | 'update' } = {},
): NetlinkRequest {
	const writer = new AttributeWriter(tcmsg({ interfaceIndex, handle: 0, parent }));
	writer.string(TCA_KIND, leaf.kind);
	writeLeafOptions(writer, leaf, existing === 'refuse');
	return {
		type: RTM_NEWQDISC,
		flags: NLM_F_CREATE | (existing === 'refuse' ? NLM_F_EXCL : NLM_F_REPLACE),
		payload: writer.payload(),
		what: `give class ${parent.toString(16)} of device ${interfaceIndex} a queue of kind ${leaf.kind}`,
	};
}

/**
 * Asks for a root of this kind with options that the kernel must refuse, so nothing changes: ENOENT says that the kernel has no
 * such kind, anything else that it has.
 */
export function probeQdisc(kind: string, interfaceIndex: number): NetlinkRequest {
	const writer = new AttributeWriter(tcmsg({ interfaceIndex, handle: 0x7fff_0000, parent: TC_H_ROOT }));
	// One byte is too short for the structure of any of them, and no attribute.
	writer.string(TCA_KIND, kind).bytes(TCA_OPTIONS, Buffer.alloc(1));
	return {
		type: RTM_NEWQDISC,
		flags: NLM_F_CREATE | NLM_F_EXCL,
		payload: writer.payload(),
		what: `look whether there are queues of kind ${kind}`,
	};
}

export function deleteRoot({ interfaceIndex, handle }: { interfaceIndex: number; handle: number }): NetlinkRequest {
	return {
		type: RTM_DELQDISC,
		flags: 0,
		payload: tcmsg({ interfaceIndex, handle, parent: TC_H_ROOT }),
		what: `remove the root queueing discipline of device ${interfaceIndex}`,
	};
}

/** For `NetlinkConnection.get`: what stands at the root of a device. Kernels tell it to the group RTNLGRP_TC, to us as an echo. */
export function getRoot(interfaceIndex: number): NetlinkRequest {
	return {
		type: RTM_GETQDISC,
		flags: NLM_F_ECHO,
		payload: tcmsg({ interfaceIndex, handle: 0, parent: TC_H_ROOT }),
		what: `read the root queueing discipline of device ${interfaceIndex}`,
	};
}

/** The queueing discipline of a NEWQDISC or DELQDISC message; undefined for others. @throws OctroiError `netlink_malformed` */
export function decodeQdisc(message: NetlinkMessage): Qdisc | undefined {
	if (message.type !== RTM_NEWQDISC && message.type !== RTM_DELQDISC) return undefined;
	const cursor = attributesAfter(message, TCMSG_BYTES);
	let kind = '';
	let figures = NO_FIGURES;
	while (cursor.next()) {
		if (cursor.type === TCA_KIND) kind = cursor.string();
		else if (cursor.type === TCA_STATS2) figures = decodeFigures(cursor.nested());
	}
	return { ...placeOf(message), kind, figures };
}
