import { type MessageInfo, RawNetlinkSocket } from 'netlink/dist/raw.js';
import { OctroiError } from '../core/octroi-error.ts';
import { NETLINK_CAP_ACK, NETLINK_EXT_ACK, SO_RCVBUFFORCE, SOL_NETLINK, SOL_SOCKET } from './constants.ts';
import { setSocketOption } from './socket-option.ts';

/**
 * One recvmsg(2). The kernel fills at most 32 KiB of a dump (netlink_dump, SKB_WITH_OVERHEAD(32768)); an error without
 * NETLINK_CAP_ACK repeats our message, which is at most {@link MESSAGE_BYTES_MAX} long. 64 KiB holds either.
 */
const DATAGRAM_BYTES_MAX = 0x1_0000;

/** Longest single message that we send; half a datagram, so that an error that repeats it is never truncated. */
export const MESSAGE_BYTES_MAX = 0x8000;

/** The bytes of a datagram, and what went wrong with the socket, to whoever owns it. Neither may throw. */
export type SocketListener = {
	/** One datagram from the kernel. */
	datagram(bytes: Buffer): void;
	/** The receive buffer overflowed (ENOBUFS): messages are lost; the socket goes on. */
	lost(): void;
	/** Every other fault of the socket. */
	fault(error: OctroiError): void;
};

/** The part of a raw socket that connections use; a fake kernel in tests has the same. */
export type NetlinkSocket = {
	send(bytes: Buffer, done: (error: unknown) => void): void;
	close(): void;
	/** Whether errors carry the kernel's words (NETLINK_EXT_ACK). */
	readonly extendedErrors: boolean;
};

export type SocketOptions = {
	readonly protocol: number;
	/** SO_RCVBUF; forced past net.core.rmem_max where we may, otherwise bounded by it. */
	readonly receiveBufferBytes: number;
	/** Multicast groups by number. */
	readonly groups?: readonly number[];
};

/** Opens a raw netlink socket. @throws OctroiError `netlink_closed` when the kernel gives none */
export function openSocket(options: SocketOptions, listener: SocketListener): NetlinkSocket {
	const raw = createRaw(options);
	const port = raw.address().port;
	const option = (level: number, name: number, value: number) =>
		setSocketOption({ protocol: options.protocol, port }, { level, option: name, value });
	const extendedErrors = option(SOL_NETLINK, NETLINK_EXT_ACK, 1);
	option(SOL_NETLINK, NETLINK_CAP_ACK, 1);
	option(SOL_SOCKET, SO_RCVBUFFORCE, options.receiveBufferBytes);
	raw.on('message', (bytes: Buffer, from: MessageInfo) => {
		// Port 0 is the kernel; another process has nothing to tell us.
		if (from.port === 0) listener.datagram(bytes);
	});
	raw.on('truncatedMessage', (bytes: Buffer, from: MessageInfo) => {
		listener.fault(
			new OctroiError('netlink_malformed', `datagram of ${from.truncated} bytes; only ${bytes.length} were received`),
		);
	});
	raw.on('error', (error) => {
		if (error.code === 'ENOBUFS') listener.lost();
		else listener.fault(new OctroiError('netlink_closed', `netlink socket: ${error.message}`, { cause: error }));
	});
	return {
		extendedErrors,
		send: (bytes, done) => raw.send(bytes, {}, done),
		close: () => raw.close(),
	};
}

function createRaw({ protocol, receiveBufferBytes, groups = [] }: SocketOptions): RawNetlinkSocket {
	try {
		const raw = new RawNetlinkSocket(protocol, {
			messagePeeking: false,
			msgBufferSize: DATAGRAM_BYTES_MAX,
			recvBufferSize: receiveBufferBytes,
			// 0 leaves the kernel's default: a larger one is not needed, see BATCH_BYTES_MAX.
			sendBufferSize: 0,
		});
		for (const group of groups) raw.addMembership(group);
		return raw;
	} catch (error) {
		throw new OctroiError('netlink_closed', `no netlink socket of protocol ${protocol}: ${(error as Error).message}`, {
			cause: error,
		});
	}
}
