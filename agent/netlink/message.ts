import { OctroiError } from '../core/octroi-error.ts';

/** What we ask the kernel for; the connection adds header, sequence number and the flags of the exchange. */
export type NetlinkRequest = {
	/** nlmsg_type; for nfnetlink the subsystem << 8 | message. */
	readonly type: number;
	/** Flags of this message beyond REQUEST, ACK and DUMP (which the connection sets): CREATE, EXCL. */
	readonly flags: number;
	/** The family header and the attributes: everything after nlmsghdr; its length is a multiple of 4. */
	readonly payload: Buffer;
	/** What it does, for error messages: "add quota q7 to octroi". */
	readonly what: string;
};

/** A view on one message of the kernel. `payload` runs from `start` to `end` in `buffer`; nothing is copied. */
export type NetlinkMessage = {
	readonly buffer: Buffer;
	readonly type: number;
	readonly flags: number;
	readonly sequence: number;
	/** Where the family header begins (after nlmsghdr). */
	readonly start: number;
	/** Where this message ends; never past the end of `buffer`. */
	readonly end: number;
};

/** The same view while it is moved from message to message, so that a dump of thousands allocates none. */
export type MovableMessage = { -readonly [Field in keyof NetlinkMessage]: NetlinkMessage[Field] };

/** struct nlmsghdr: length u32, type u16, flags u16, sequence u32, port u32; host byte order (linux/netlink.h). */
export const HEADER_BYTES = 16;

const none = Buffer.alloc(0);

export function movableMessage(): MovableMessage {
	return { buffer: none, type: 0, flags: 0, sequence: 0, start: 0, end: 0 };
}

/**
 * Points `message` at the message that begins at `offset` of a datagram.
 *
 * @returns where the next one begins
 * @throws OctroiError `netlink_malformed` when its length does not fit into the datagram
 */
export function readMessage(datagram: Buffer, offset: number, message: MovableMessage): number {
	const room = datagram.length - offset;
	const length = room >= HEADER_BYTES ? wordAt(datagram, offset) : 0;
	if (length < HEADER_BYTES || length > room) {
		throw new OctroiError('netlink_malformed', `netlink message of ${length} bytes where ${room} are left`);
	}
	message.buffer = datagram;
	message.type = wordAt(datagram, offset + 4) & 0xffff;
	message.flags = wordAt(datagram, offset + 4) >>> 16;
	message.sequence = wordAt(datagram, offset + 8);
	message.start = offset + HEADER_BYTES;
	message.end = offset + length;
	return offset + align(length);
}

/** Little-endian; a Buffer's own methods check what is known here, and took 4 % of a sample. */
function wordAt(buffer: Buffer, at: number): number {
	const low = (buffer[at] as number) | ((buffer[at + 1] as number) << 8);
	const high = (buffer[at + 2] as number) | ((buffer[at + 3] as number) << 8);
	return (low | (high << 16)) >>> 0;
}

/** Every message of a datagram, each as a view of its own. @throws OctroiError `netlink_malformed` */
export function messagesOf(datagram: Buffer): NetlinkMessage[] {
	const messages: NetlinkMessage[] = [];
	for (let offset = 0; offset < datagram.length; ) {
		const message = movableMessage();
		offset = readMessage(datagram, offset, message);
		messages.push(message);
	}
	return messages;
}

/** How many bytes a request takes in a batch. */
export function requestBytes(request: NetlinkRequest): number {
	return HEADER_BYTES + request.payload.length;
}

/** Writes header and payload at `offset`; returns where the next message goes. */
export function writeMessage(
	into: Buffer,
	offset: number,
	message: { type: number; flags: number; sequence: number; payload: Buffer },
): number {
	into.writeUInt32LE(HEADER_BYTES + message.payload.length, offset);
	into.writeUInt16LE(message.type, offset + 4);
	into.writeUInt16LE(message.flags, offset + 6);
	into.writeUInt32LE(message.sequence, offset + 8);
	into.writeUInt32LE(0, offset + 12);
	message.payload.copy(into, offset + HEADER_BYTES);
	return offset + HEADER_BYTES + message.payload.length;
}

/** NLMSG_ALIGN and NLA_ALIGN: the next multiple of 4. */
export function align(length: number): number {
	return (length + 3) & ~3;
}
