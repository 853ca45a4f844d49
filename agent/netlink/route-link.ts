import { macAddressOf } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';
import { AttributeWriter } from './attribute.ts';
import {
	IFF_UP,
	IFLA_ADDRESS,
	IFLA_EXT_MASK,
	IFLA_IFNAME,
	IFLA_MASTER,
	RTEXT_FILTER_SKIP_STATS,
	RTM_DELLINK,
	RTM_GETLINK,
	RTM_NEWLINK,
} from './constants.ts';
import type { NetlinkMessage, NetlinkRequest } from './message.ts';
import { attributesAfter } from './nfnetlink.ts';

/** struct ifinfomsg (linux/rtnetlink.h): family u8, padding, type u16, index s32, flags u32, change u32. */
const IFINFOMSG_BYTES = 16;

/** A network interface. */
export type Link = {
	readonly interfaceIndex: number;
	readonly name: string;
	/** Switched on by the administrator; says nothing of a carrier. */
	readonly up: boolean;
	/** Absent for interfaces without a link layer. */
	readonly mac?: MacAddress;
	/** Index of the bridge or bond that it is a port of. */
	readonly masterIndex?: number;
};

export type LinkEvent = { readonly event: 'new' | 'deleted'; readonly link: Link };

/** For `NetlinkConnection.dump` of NETLINK_ROUTE: all interfaces, without their statistics. */
export function dumpLinks(): NetlinkRequest {
	const writer = new AttributeWriter(Buffer.alloc(IFINFOMSG_BYTES)).u32le(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return { type: RTM_GETLINK, flags: 0, payload: writer.payload(), what: 'list the network interfaces' };
}

/** For `NetlinkConnection.get` of NETLINK_ROUTE: the interface of this index, or of this name; ENODEV if there is none. */
export function getLink(which: number | string): NetlinkRequest {
	const header = Buffer.alloc(IFINFOMSG_BYTES);
	if (typeof which === 'number') header.writeInt32LE(which, 4);
	const writer = new AttributeWriter(header).u32le(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (typeof which === 'string') writer.string(IFLA_IFNAME, which);
	return { type: RTM_GETLINK, flags: 0, payload: writer.payload(), what: `find the interface ${which}` };
}

/**
 * What a message of the group RTNLGRP_LINK says: `new` for every change too. Undefined for other messages.
 *
 * @throws OctroiError `netlink_malformed`
 */
export function decodeLinkEvent(message: NetlinkMessage): LinkEvent | undefined {
	if (message.type !== RTM_NEWLINK && message.type !== RTM_DELLINK) return undefined;
	return { event: message.type === RTM_NEWLINK ? 'new' : 'deleted', link: decodeLink(message) };
}

/** The interface of a NEWLINK or DELLINK message. @throws OctroiError `netlink_malformed` */
export function decodeLink(message: NetlinkMessage): Link {
	const cursor = attributesAfter(message, IFINFOMSG_BYTES);
	const { buffer, start } = message;
	const link: { -readonly [Field in keyof Link]: Link[Field] } = {
		interfaceIndex: buffer.readInt32LE(start + 4),
		name: '',
		up: (buffer.readUInt32LE(start + 8) & IFF_UP) !== 0,
	};
	while (cursor.next()) {
		if (cursor.type === IFLA_IFNAME) link.name = cursor.string();
		else if (cursor.type === IFLA_MASTER) link.masterIndex = cursor.u32le();
		else if (cursor.type === IFLA_ADDRESS && cursor.end - cursor.start === 6) link.mac = macAddressOf(cursor.value());
	}
	return link;
}

/** The payload of a NEWLINK message with what Octroi reads of it. */
export function encodeLink(link: Link, mac?: Buffer): Buffer {
	const header = Buffer.alloc(IFINFOMSG_BYTES);
	header.writeInt32LE(link.interfaceIndex, 4);
	header.writeUInt32LE(link.up ? IFF_UP : 0, 8);
	const writer = new AttributeWriter(header).string(IFLA_IFNAME, link.name);
	if (link.masterIndex !== undefined) writer.u32le(IFLA_MASTER, link.masterIndex);
	if (mac) writer.bytes(IFLA_ADDRESS, mac);
	return writer.payload();
}
