import { OctroiError } from '../core/octroi-error.ts';
import { AttributeCursor } from './attribute.ts';
import type { NetlinkMessage } from './message.ts';

/** struct nfgenmsg (linux/netfilter/nfnetlink.h): family u8, version u8, resource id u16 in network order. */
export const NFGENMSG_BYTES = 4;

/** @param version NFNETLINK_V0; connection tracking looks at the family of a flush only from 1 on */
export function nfgenmsg(family: number, resourceId = 0, version = 0): Buffer {
	return Buffer.from([family, version, resourceId >> 8, resourceId & 0xff]);
}

/** The attributes of an nfnetlink message. @throws OctroiError `netlink_malformed` when even the family header is missing */
export function nfnetlinkAttributes(message: NetlinkMessage): AttributeCursor {
	return attributesAfter(message, NFGENMSG_BYTES);
}

/** The attributes behind a family header of `headerBytes`. @throws OctroiError `netlink_malformed` */
export function attributesAfter(message: NetlinkMessage, headerBytes: number): AttributeCursor {
	if (message.end - message.start < headerBytes) {
		throw new OctroiError('netlink_malformed', `message of type ${message.type} without its family header`);
	}
	return new AttributeCursor(message.buffer, message.start + headerBytes, message.end);
}
