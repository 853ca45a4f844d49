import { macAddressOf } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';
import { type AttributeCursor, AttributeWriter } from './attribute.ts';
import {
	IFF_UP,
	IFLA_ADDRESS,
	IFLA_BR_MCAST_SNOOPING,
	IFLA_EXT_MASK,
	IFLA_IFNAME,
	IFLA_INFO_DATA,
	IFLA_INFO_KIND,
	IFLA_LINKINFO,
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
	/** Set of a bridge that sends multicast to those ports alone that have asked for it (IGMP and MLD snooping, Linux' default). */
	readonly isSnooping?: true;
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
		else if (cursor.type === IFLA_LINKINFO && isSnooping(cursor.nested())) link.isSnooping = true;
		else if (cursor.type === IFLA_MASTER) link.masterIndex = cursor.u32le();
		else if (cursor.type === IFLA_ADDRESS && cursor.end - cursor.start === 6) link.mac = macAddressOf(cursor.value());
	}
	return link;
}

function isSnooping(information: AttributeCursor): boolean {
	let kind = '';
	while (information.next()) {
		if (information.type === IFLA_INFO_KIND) kind = information.string();
		if (information.type !== IFLA_INFO_DATA || kind !== 'bridge') continue;
		for (const bridge = information.nested(); bridge.next(); )
			if (bridge.type === IFLA_BR_MCAST_SNOOPING) return bridge.u8() !== 0;
	}
	return false;
}

/** The payload of a NEWLINK message with what Octroi reads of it. */
export function encodeLink(link: Link, mac?: Buffer): Buffer {
	const header = Buffer.alloc(IFINFOMSG_BYTES);
	header.writeInt32LE(link.interfaceIndex, 4);
	header.writeUInt32LE(link.up ? IFF_UP : 0, 8);
	const writer = new AttributeWriter(header).string(IFLA_IFNAME, link.name);
	if (link.masterIndex !== undefined) writer.u32le(IFLA_MASTER, link.masterIndex);
	if (mac) writer.bytes(IFLA_ADDRESS, mac);
	if (link.isSnooping) {
		writer.nested(IFLA_LINKINFO, (bridge) =>
			bridge
				.string(IFLA_INFO_KIND, 'bridge')
				.nested(IFLA_INFO_DATA, (data) => data.bytes(IFLA_BR_MCAST_SNOOPING, Buffer.from([1]))),
		);
	}
	return writer.payload();
}
