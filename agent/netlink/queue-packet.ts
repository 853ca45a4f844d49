import { AttributeWriter } from './attribute.ts';
import {
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	NFQA_CAP_LEN,
	NFQA_HWADDR,
	NFQA_IFINDEX_INDEV,
	NFQA_MARK,
	NFQA_PACKET_HDR,
	NFQA_PAYLOAD,
	NFQNL_MSG_PACKET,
} from './constants.ts';
import type { NetlinkMessage } from './message.ts';
import { nfgenmsg, nfnetlinkAttributes } from './nfnetlink.ts';

/** A packet that waits for its verdict. Its bytes are views. */
export type QueuedPacket = {
	readonly queue: number;
	/** Counts up by one for each packet of the queue, and wraps at 2^32. */
	readonly id: number;
	/** ETH_P_IP = 0x0800, ETH_P_IPV6 = 0x86dd. */
	readonly protocol: number;
	readonly hook: number;
	/** The packet mark: other programs' bits are in it. */
	readonly mark: number;
	/** The index of the device that it came from; 0: from none. */
	readonly deviceIndex: number;
	/** Its sender's hardware address; empty if the device has none. */
	readonly hardwareAddress: Buffer;
	/** From the IP header on, cut at the queue's `copyBytes`. */
	readonly payload: Buffer;
	/** How long it is; absent if `payload` is all of it. */
	readonly length?: number;
};

type Writable<Value> = { -readonly [Field in keyof Value]: Value[Field] };

const none = Buffer.alloc(0);

/** The packet of a PACKET message; undefined for any other one. @throws OctroiError `netlink_malformed` */
export function decodeQueuedPacket(message: NetlinkMessage): QueuedPacket | undefined {
	if (message.type !== NFQNL_MSG_PACKET) return undefined;
	const cursor = nfnetlinkAttributes(message);
	const packet: Writable<QueuedPacket> = {
		queue: message.buffer.readUInt16BE(message.start + 2),
		id: 0,
		protocol: 0,
		hook: 0,
		mark: 0,
		deviceIndex: 0,
		hardwareAddress: none,
		payload: none,
	};
	while (cursor.next()) {
		switch (cursor.type) {
			case NFQA_PACKET_HDR: {
				// struct nfqnl_msg_packet_hdr, packed: id u32, protocol u16, hook u8.
				const header = cursor.value();
				if (header.length !== PACKET_HEADER_BYTES) break;
				packet.id = header.readUInt32BE();
				packet.protocol = header.readUInt16BE(4);
				packet.hook = header[6] as number;
				break;
			}
			case NFQA_MARK:
				packet.mark = cursor.u32be();
				break;
			case NFQA_IFINDEX_INDEV:
				packet.deviceIndex = cursor.u32be();
				break;
			case NFQA_HWADDR: {
				// struct nfqnl_msg_packet_hw: length u16, padding u16, address u8[8].
				const value = cursor.value();
				const length = value.length >= 4 ? value.readUInt16BE() : 0;
				packet.hardwareAddress = value.subarray(4, Math.min(4 + length, value.length));
				break;
			}
			case NFQA_CAP_LEN:
				packet.length = cursor.u32be();
				break;
			case NFQA_PAYLOAD:
				packet.payload = cursor.value();
				break;
			default:
		}
	}
	return packet;
}

/** By ETH_P_IP and ETH_P_IPV6. */
const FAMILIES = new Map([
	[0x0800, AF_INET],
	[0x86dd, AF_INET6],
]);
const PACKET_HEADER_BYTES = 7;
const ADDRESS_BYTES = 8;

/** The payload of a PACKET message with what {@link decodeQueuedPacket} reads, in the kernel's order. */
export function encodeQueuedPacket(packet: QueuedPacket): Buffer {
	const writer = new AttributeWriter(nfgenmsg(FAMILIES.get(packet.protocol) ?? AF_UNSPEC, packet.queue), 256);
	const header = Buffer.alloc(PACKET_HEADER_BYTES);
	header.writeUInt32BE(packet.id);
	header.writeUInt16BE(packet.protocol, 4);
	header[6] = packet.hook;
	writer.bytes(NFQA_PACKET_HDR, header);
	if (packet.deviceIndex !== 0) writer.u32be(NFQA_IFINDEX_INDEV, packet.deviceIndex);
	if (packet.mark !== 0) writer.u32be(NFQA_MARK, packet.mark);
	if (packet.hardwareAddress.length > 0) {
		const value = Buffer.alloc(4 + ADDRESS_BYTES);
		value.writeUInt16BE(packet.hardwareAddress.length);
		packet.hardwareAddress.copy(value, 4);
		writer.bytes(NFQA_HWADDR, value);
	}
	if (packet.length !== undefined) writer.u32be(NFQA_CAP_LEN, packet.length);
	writer.bytes(NFQA_PAYLOAD, packet.payload);
	return writer.payload();
}
