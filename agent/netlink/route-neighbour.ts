import { macAddressBytes, macAddressOf } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';
import { AttributeWriter } from './attribute.ts';
import {
	AF_BRIDGE,
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	NDA_DST,
	NDA_LLADDR,
	NDA_MASTER,
	NLM_F_CREATE,
	NLM_F_REPLACE,
	NTF_USE,
	NUD_DELAY,
	NUD_FAILED,
	NUD_INCOMPLETE,
	NUD_NOARP,
	NUD_PERMANENT,
	NUD_PROBE,
	NUD_REACHABLE,
	NUD_STALE,
	RTM_DELNEIGH,
	RTM_GETNEIGH,
	RTM_NEWNEIGH,
} from './constants.ts';
import { ipAddressBytes, ipAddressText } from './ip-address.ts';
import type { NetlinkMessage, NetlinkRequest } from './message.ts';
import { attributesAfter } from './nfnetlink.ts';

/** struct ndmsg (linux/neighbour.h): family u8, 3 bytes of padding, ifindex s32, state u16, flags u8, type u8. */
const NDMSG_BYTES = 12;

/** NUD_… by a word; `none` has no bit set. */
const STATES = {
	none: 0,
	incomplete: NUD_INCOMPLETE,
	reachable: NUD_REACHABLE,
	stale: NUD_STALE,
	delay: NUD_DELAY,
	probe: NUD_PROBE,
	failed: NUD_FAILED,
	noarp: NUD_NOARP,
	permanent: NUD_PERMANENT,
} as const;
export type NeighbourState = keyof typeof STATES;

/** A row of the neighbour table (ARP, neighbour discovery), or of a bridge's forwarding table (family AF_BRIDGE). */
export type Neighbour = {
	readonly family: number;
	readonly interfaceIndex: number;
	readonly state: NeighbourState;
	/** Absent in a bridge's forwarding table. */
	readonly address?: string;
	/** Absent while it is not resolved. */
	readonly mac?: MacAddress;
	/** Of a bridge's forwarding table: the bridge; `interfaceIndex` is the port. */
	readonly bridgeIndex?: number;
};

export type NeighbourEvent = { readonly event: 'new' | 'deleted'; readonly neighbour: Neighbour };

/** For `NetlinkConnection.dump` of NETLINK_ROUTE: the neighbours of all interfaces, IPv4 and IPv6. */
export function dumpNeighbours(): NetlinkRequest {
	const payload = Buffer.alloc(NDMSG_BYTES);
	payload[0] = AF_UNSPEC;
	return { type: RTM_GETNEIGH, flags: 0, payload, what: 'list the neighbours' };
}

/** For `NetlinkConnection.get` of NETLINK_ROUTE: one neighbour, by its device and address; ENOENT if there is none (neigh_get). */
export function getNeighbour(interfaceIndex: number, address: string): NetlinkRequest {
	return {
		type: RTM_GETNEIGH,
		flags: 0,
		payload: namedNeighbour(interfaceIndex, address),
		what: `find the neighbour ${address}`,
	};
}

/** For `NetlinkConnection.request` of NETLINK_ROUTE: the entry is forgotten (neigh_delete). ENOENT if there is none. */
export function deleteNeighbour(interfaceIndex: number, address: string): NetlinkRequest {
	return {
		type: RTM_DELNEIGH,
		flags: 0,
		payload: namedNeighbour(interfaceIndex, address),
		what: `forget the neighbour ${address}`,
	};
}

/**
 * For `NetlinkConnection.request` of NETLINK_ROUTE: the kernel asks everybody on the link who has the address, if it does not know (a broadcast
 * of ARP or a solicited-node multicast; three, a second apart, as `mcast_solicit` and `retrans_time_ms` come), as it does before it sends
 * there (NTF_USE, neigh_event_send).
 */
export function resolveNeighbour(interfaceIndex: number, address: string): NetlinkRequest {
	const payload = namedNeighbour(interfaceIndex, address, NTF_USE);
	return { type: RTM_NEWNEIGH, flags: NLM_F_CREATE, payload, what: `ask who has ${address}` };
}

/**
 * For `NetlinkConnection.request` of NETLINK_ROUTE: the kernel asks this hardware address whether it has the address (an ARP request or a
 * neighbour solicitation to it alone; three, a second apart, as `ucast_solicit` and `retrans_time_ms` come). The entry is
 * `reachable` when that is answered and `failed` when it is not (neigh_timer_handler).
 */
export function probeNeighbour(interfaceIndex: number, address: string, mac: MacAddress): NetlinkRequest {
	const family = address.includes(':') ? AF_INET6 : AF_INET;
	const payload = encodeNeighbour(
		{ family, interfaceIndex, state: 'probe' },
		{ address: ipAddressBytes(address), mac: macAddressBytes(mac) },
	);
	const flags = NLM_F_CREATE | NLM_F_REPLACE;
	return { type: RTM_NEWNEIGH, flags, payload, what: `ask ${mac} whether it has ${address}` };
}

/**
 * For `NetlinkConnection.get` of NETLINK_ROUTE: behind which port of a bridge a hardware address was heard last (rtnl_fdb_get, since Linux 5.1);
 * the answer's `interfaceIndex` is that port. ENOENT if it was not heard; EINVAL or EOPNOTSUPP if the device is no bridge.
 */
export function getBridgeEntry(bridgeIndex: number, mac: MacAddress): NetlinkRequest {
	const header = Buffer.alloc(NDMSG_BYTES);
	header[0] = AF_BRIDGE;
	const payload = new AttributeWriter(header)
		.bytes(NDA_LLADDR, macAddressBytes(mac))
		.u32le(NDA_MASTER, bridgeIndex)
		.payload();
	return { type: RTM_GETNEIGH, flags: 0, payload, what: `find the bridge port of ${mac}` };
}

/** What a message of the group RTNLGRP_NEIGH says; undefined for other messages. @throws OctroiError `netlink_malformed` */
export function decodeNeighbourEvent(message: NetlinkMessage): NeighbourEvent | undefined {
	if (message.type !== RTM_NEWNEIGH && message.type !== RTM_DELNEIGH) return undefined;
	return { event: message.type === RTM_NEWNEIGH ? 'new' : 'deleted', neighbour: decodeNeighbour(message) };
}

/** The row of a NEWNEIGH or DELNEIGH message. @throws OctroiError `netlink_malformed` */
export function decodeNeighbour(message: NetlinkMessage): Neighbour {
	const cursor = attributesAfter(message, NDMSG_BYTES);
	const { buffer, start } = message;
	const neighbour: { -readonly [Field in keyof Neighbour]: Neighbour[Field] } = {
		family: buffer[start] as number,
		interfaceIndex: buffer.readInt32LE(start + 4),
		state: stateOf(buffer.readUInt16LE(start + 8)),
	};
	while (cursor.next()) {
		if (cursor.type === NDA_DST) neighbour.address = ipAddressText(cursor.value());
		// Tunnels have link-layer addresses of other lengths; a station's has six bytes.
		else if (cursor.type === NDA_LLADDR && cursor.end - cursor.start === 6)
			neighbour.mac = macAddressOf(cursor.value());
		else if (cursor.type === NDA_MASTER) neighbour.bridgeIndex = cursor.u32le();
	}
	return neighbour;
}

/** The payload of a NEWNEIGH message, with the address in bytes. */
export function encodeNeighbour(neighbour: Neighbour, bytes: { address?: Buffer; mac?: Buffer }): Buffer {
	const header = Buffer.alloc(NDMSG_BYTES);
	header[0] = neighbour.family;
	header.writeInt32LE(neighbour.interfaceIndex, 4);
	header.writeUInt16LE(STATES[neighbour.state], 8);
	const writer = new AttributeWriter(header);
	if (bytes.address) writer.bytes(NDA_DST, bytes.address);
	if (bytes.mac) writer.bytes(NDA_LLADDR, bytes.mac);
	if (neighbour.bridgeIndex !== undefined) writer.u32le(NDA_MASTER, neighbour.bridgeIndex);
	return writer.payload();
}

/** The payload of a message that says only which entry it is about. */
function namedNeighbour(interfaceIndex: number, address: string, flags = 0): Buffer {
	const header = Buffer.alloc(NDMSG_BYTES);
	header[0] = address.includes(':') ? AF_INET6 : AF_INET;
	header.writeInt32LE(interfaceIndex, 4);
	header[10] = flags;
	return new AttributeWriter(header).bytes(NDA_DST, ipAddressBytes(address)).payload();
}

function stateOf(bits: number): NeighbourState {
	const words = Object.keys(STATES) as NeighbourState[];
	return words.find((word) => (STATES[word] & bits) !== 0) ?? 'none';
}
