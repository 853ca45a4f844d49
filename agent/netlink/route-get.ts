import { AttributeWriter } from './attribute.ts';
import { AF_INET, AF_INET6, RTA_DST, RTA_GATEWAY, RTA_OIF, RTA_VIA, RTM_GETROUTE } from './constants.ts';
import { ipAddressBytes } from './ip-address.ts';
import type { NetlinkMessage, NetlinkRequest } from './message.ts';
import { attributesAfter } from './nfnetlink.ts';

/** struct rtmsg (linux/rtnetlink.h): family u8, dst_len u8, src_len u8, tos u8, table u8, protocol u8, scope u8, type u8, flags u32. */
const RTMSG_BYTES = 12;

/** Where the kernel sends what goes to an address. */
export type Route = {
	readonly interfaceIndex: number;
	/** False: it is behind another router. */
	readonly isOnLink: boolean;
};

/** For `NetlinkConnection.get` of NETLINK_ROUTE: the route to one address; ENETUNREACH if there is none (inet_rtm_getroute). */
export function getRoute(address: string): NetlinkRequest {
	const bytes = ipAddressBytes(address);
	const header = Buffer.alloc(RTMSG_BYTES);
	header[0] = bytes.length === 4 ? AF_INET : AF_INET6;
	header[1] = bytes.length * 8;
	const payload = new AttributeWriter(header).bytes(RTA_DST, bytes).payload();
	return { type: RTM_GETROUTE, flags: 0, payload, what: `find the way to ${address}` };
}

/** The route of a NEWROUTE message. @throws OctroiError `netlink_malformed` */
export function decodeRoute(message: NetlinkMessage): Route {
	const cursor = attributesAfter(message, RTMSG_BYTES);
	let interfaceIndex = 0;
	let isOnLink = true;
	while (cursor.next()) {
		if (cursor.type === RTA_OIF) interfaceIndex = cursor.u32le();
		else if (cursor.type === RTA_GATEWAY || cursor.type === RTA_VIA) isOnLink = false;
	}
	return { interfaceIndex, isOnLink };
}
