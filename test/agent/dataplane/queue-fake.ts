import { HEADER_BYTES, messagesOf, writeMessage } from '../../../agent/netlink/message.ts';
import { encodeQueuedPacket } from '../../../agent/netlink/queue-packet.ts';
import { decodeVerdict } from '../../../agent/netlink/queue-verdict.ts';

export type { NetlinkSocket, SocketListener } from '../../../agent/netlink/index.ts';
export type OctroiErrorOf = Error & { code: string };

/** NFQNL_MSG_CONFIG, NFQNL_MSG_PACKET (linux/netfilter/nfnetlink_queue.h). */
const PACKET = 0x300;
const CONFIG = 0x302;
const NLMSG_ERROR = 2;

/** What the kernel answers to a configuration; undefined for a verdict, which it does not answer. */
export function acknowledge(bytes: Buffer, errno = 0): Buffer | undefined {
	const [message] = messagesOf(bytes);
	if (message?.type !== CONFIG) return undefined;
	const answer = Buffer.alloc(HEADER_BYTES + 4 + HEADER_BYTES);
	const payload = Buffer.alloc(4 + HEADER_BYTES);
	payload.writeInt32LE(-errno);
	bytes.copy(payload, 4, 0, HEADER_BYTES);
	writeMessage(answer, 0, { type: NLMSG_ERROR, flags: 0, sequence: message.sequence, payload });
	return answer;
}

/** The message of a packet that waits. @param cut so many bytes are missing at its end */
export function packetBytes(packet: {
	id: number;
	mark?: number;
	tethered?: boolean;
	hardwareAddress?: Buffer;
	cut?: number;
	payload?: Buffer;
}): Buffer {
	const payload = encodeQueuedPacket({
		queue: 7210,
		id: packet.id,
		protocol: 0x0800,
		hook: 0,
		mark: packet.mark ?? 0,
		deviceIndex: 3,
		hardwareAddress: packet.hardwareAddress ?? Buffer.from('02005e100001', 'hex'),
		payload: packet.payload ?? Buffer.alloc(60, packet.tethered ? 0x66 : 0x45),
	});
	const bytes = Buffer.alloc(HEADER_BYTES + payload.length);
	writeMessage(bytes, 0, { type: PACKET, flags: 0, sequence: 0, payload });
	return bytes.subarray(0, bytes.length - (packet.cut ?? 0));
}

/** The headers of a TCP packet from a port. */
export function tcpPacket({ port, flags }: { port: number; flags: number }): Buffer {
	const packet = Buffer.alloc(60);
	packet.set([0x45, 0, 0, 60, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 2, 203, 0, 113, 1]);
	packet.writeUInt16BE(port, 20);
	packet.writeUInt16BE(443, 22);
	packet[33] = flags;
	return packet;
}

/** The verdicts of one send. */
export function verdictsOf(bytes: Buffer): ReturnType<typeof decodeVerdict>[] {
	return messagesOf(bytes).map(({ buffer, start, end }) => decodeVerdict(buffer.subarray(start, end)));
}
