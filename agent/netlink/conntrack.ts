import { type AttributeCursor, AttributeWriter } from './attribute.ts';
import {
	AF_INET,
	AF_INET6,
	CTA_ID,
	CTA_IP_V4_DST,
	CTA_IP_V4_SRC,
	CTA_IP_V6_DST,
	CTA_IP_V6_SRC,
	CTA_MARK,
	CTA_MARK_MASK,
	CTA_PROTO_DST_PORT,
	CTA_PROTO_NUM,
	CTA_PROTO_SRC_PORT,
	CTA_TUPLE_IP,
	CTA_TUPLE_ORIG,
	CTA_TUPLE_PROTO,
	IPCTNL_MSG_CT_DELETE,
	IPCTNL_MSG_CT_GET,
} from './constants.ts';
import { ipAddressText } from './ip-address.ts';
import type { NetlinkMessage, NetlinkRequest } from './message.ts';
import { nfgenmsg, nfnetlinkAttributes } from './nfnetlink.ts';

/** Flows whose mark, under the mask, is `mark`. */
export type MarkFilter = { readonly mark: number; readonly mask: number; readonly family?: 'ipv4' | 'ipv6' };

/** A tracked flow, as its first packet went. */
export type ConntrackEntry = {
	readonly family: 'ipv4' | 'ipv6';
	readonly id: number;
	readonly mark: number;
	/** IPPROTO_TCP = 6 … */
	readonly protocol: number;
	readonly source: string;
	readonly destination: string;
	/** Absent for protocols without ports. */
	readonly sourcePort?: number;
	readonly destinationPort?: number;
};

/**
 * Requests that delete the tracked flows with this mark, one for each family, so that their next packet is judged as the
 * first of a new flow. Not part of a transaction: `NetlinkConnection.request` each.
 */
export function deleteConntrackByMark(filter: MarkFilter): NetlinkRequest[] {
	return families(filter).map((family) => filtered(IPCTNL_MSG_CT_DELETE, 'delete', { ...filter, family }));
}

/** For `NetlinkConnection.dump`: the tracked flows with this mark, of both families unless one is given. */
export function dumpConntrackByMark(filter: MarkFilter): NetlinkRequest {
	return filtered(IPCTNL_MSG_CT_GET, 'list', filter);
}

/** The flow of a CT_NEW or CT_DELETE message. @throws OctroiError `netlink_malformed` */
export function decodeConntrack(message: NetlinkMessage): ConntrackEntry {
	const cursor = nfnetlinkAttributes(message);
	const family = message.buffer[message.start] === AF_INET6 ? 'ipv6' : 'ipv4';
	const entry: Writable<ConntrackEntry> = { family, id: 0, mark: 0, protocol: 0, source: '', destination: '' };
	while (cursor.next()) {
		if (cursor.type === CTA_MARK) entry.mark = cursor.u32be();
		else if (cursor.type === CTA_ID) entry.id = cursor.u32be();
		else if (cursor.type === CTA_TUPLE_ORIG) {
			for (const tuple = cursor.nested(); tuple.next(); ) {
				if (tuple.type === CTA_TUPLE_IP) decodeAddresses(tuple.nested(), entry);
				else if (tuple.type === CTA_TUPLE_PROTO) decodePorts(tuple.nested(), entry);
			}
		}
	}
	return entry;
}

type Writable<Value> = { -readonly [Field in keyof Value]: Value[Field] };

const NUMBERS = { ipv4: AF_INET, ipv6: AF_INET6 } as const;

function families({ family }: MarkFilter): readonly ('ipv4' | 'ipv6')[] {
	return family ? [family] : ['ipv4', 'ipv6'];
}

function filtered(type: number, verb: string, { mark, mask, family }: MarkFilter): NetlinkRequest {
	// A flush heeds the family only when the message's version is not 0 (ctnetlink_del_conntrack).
	const writer = new AttributeWriter(family ? nfgenmsg(NUMBERS[family], 0, 1) : nfgenmsg(0));
	writer.u32be(CTA_MARK, mark >>> 0).u32be(CTA_MARK_MASK, mask >>> 0);
	const what = `${verb} the tracked ${family ?? ''} flows with mark 0x${(mark >>> 0).toString(16)}`;
	return { type, flags: 0, payload: writer.payload(), what };
}

function decodeAddresses(cursor: AttributeCursor, entry: Writable<ConntrackEntry>): void {
	while (cursor.next()) {
		const { type } = cursor;
		if (type === CTA_IP_V4_SRC || type === CTA_IP_V6_SRC) entry.source = ipAddressText(cursor.value());
		else if (type === CTA_IP_V4_DST || type === CTA_IP_V6_DST) entry.destination = ipAddressText(cursor.value());
	}
}

function decodePorts(cursor: AttributeCursor, entry: Writable<ConntrackEntry>): void {
	while (cursor.next()) {
		if (cursor.type === CTA_PROTO_NUM) entry.protocol = cursor.u8();
		else if (cursor.type === CTA_PROTO_SRC_PORT) entry.sourcePort = cursor.u16be();
		else if (cursor.type === CTA_PROTO_DST_PORT) entry.destinationPort = cursor.u16be();
	}
}
