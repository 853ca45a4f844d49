import { type MessageInfo, RawNetlinkSocket } from 'netlink/dist/raw.js';
import { OctroiError } from '../core/octroi-error.ts';
import {
	NETLINK_CAP_ACK,
	NETLINK_EXT_ACK,
	NETLINK_NO_ENOBUFS,
	SO_RCVBUFFORCE,
	SOL_NETLINK,
	SOL_SOCKET,
} from './constants.ts';
import { descriptorOf, droppedMessages, extendedErrorsAvailable, setSocketOption } from './socket-option.ts';

/** The bytes of a datagram, and what went wrong with the socket, to whoever owns it. Neither may throw. */
export type SocketListener = {
	/** One datagram from the kernel. */
	datagram(bytes: Buffer): void;
	/** The receive buffer overflowed: messages are lost; the socket goes on. */
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
	/**
	 * The longest datagram that may come: so much memory is taken, and cleared, for each until the garbage is collected. Absent: each
	 * is asked for its size first, one system call more; a burst of thousands of events then takes what it needs.
	 */
	readonly datagramBytesMax?: number;
	/** Multicast groups by number. */
	readonly groups?: readonly number[];
};

/**
 * Opens a raw netlink socket.
 *
 * An overflow is found by the kernel's count of drops rather than by ENOBUFS: that would come as POLLERR, for which the
 * npm package `netlink` 0.3.0 aborts the whole process (its PollHandler makes a string of a null pointer). So ENOBUFS is
 * switched off (NETLINK_NO_ENOBUFS) and the drops are looked at after every burst. None is missed: what is dropped is dropped
 * while the queue is full, and what stands in that queue is still to be read, and the look comes after.
 * (The kernel running out of memory for an event altogether is not counted by it; let the owner dump now and then anyway.)
 *
 * @throws OctroiError `netlink_closed` when the kernel gives none
 */
export function openSocket(options: SocketOptions, listener: SocketListener): NetlinkSocket {
	const raw = createRaw(options);
	const fd = descriptorOf({ protocol: options.protocol, port: raw.address().port });
	const set = (level: number, option: number, value: number) => setSocketOption(fd, { level, option, value });
	set(SOL_SOCKET, SO_RCVBUFFORCE, options.receiveBufferBytes);
	set(SOL_NETLINK, NETLINK_NO_ENOBUFS, 1);
	set(SOL_NETLINK, NETLINK_CAP_ACK, 1);
	const extendedErrors = set(SOL_NETLINK, NETLINK_EXT_ACK, 1);
	// Joined last: from here on messages come, and none is dropped before ENOBUFS is off.
	join(raw, options);
	const look = dropWatch(fd, () => listener.lost());
	let closed = false;
	raw.on('message', (bytes: Buffer, from: MessageInfo) => {
		if (closed) return;
		look(() => closed);
		// Port 0 is the kernel; another process has nothing to tell us.
		if (from.port === 0) listener.datagram(bytes);
	});
	raw.on('truncatedMessage', (bytes: Buffer, from: MessageInfo) => {
		const message = `datagram of ${from.truncated} bytes; only ${bytes.length} were received`;
		if (!closed) listener.fault(new OctroiError('netlink_malformed', message));
	});
	raw.on('error', (error) => {
		if (!closed)
			listener.fault(new OctroiError('netlink_closed', `netlink socket: ${error.message}`, { cause: error }));
	});
	return {
		extendedErrors,
		send: (bytes, done) => raw.send(bytes, {}, done),
		close() {
			closed = true;
			// Closing inside one of its own callbacks (and a promise settled there continues inside) aborts the process:
			// the native code still uses what close() frees.
			setImmediate(() => raw.close());
		},
	};
}

/** Looks once after each burst whether the count of drops has moved. */
function dropWatch(fd: number | undefined, lost: () => void): (closed: () => boolean) => void {
	let known = droppedMessages(fd);
	let pending = false;
	return (closed) => {
		if (pending) return;
		pending = true;
		setImmediate(() => {
			pending = false;
			if (closed()) return;
			const dropped = droppedMessages(fd);
			if (dropped === known) return;
			known = dropped;
			lost();
		});
	};
}

function createRaw({ protocol, receiveBufferBytes, datagramBytesMax }: SocketOptions): RawNetlinkSocket {
	try {
		// Without our addon nothing can be given back, so each datagram takes only what it needs.
		const isFixed = datagramBytesMax !== undefined && extendedErrorsAvailable();
		return new RawNetlinkSocket(protocol, {
			messagePeeking: !isFixed,
			...(isFixed ? { msgBufferSize: datagramBytesMax } : {}),
			recvBufferSize: receiveBufferBytes,
			// 0 leaves the kernel's default: a larger one is not needed, see BATCH_BYTES_MAX.
			sendBufferSize: 0,
		});
	} catch (error) {
		throw unopened(protocol, error);
	}
}

function join(raw: RawNetlinkSocket, { protocol, groups = [] }: SocketOptions): void {
	try {
		for (const group of groups) raw.addMembership(group);
	} catch (error) {
		raw.close();
		throw unopened(protocol, error);
	}
}

function unopened(protocol: number, cause: unknown): OctroiError {
	return new OctroiError('netlink_closed', `no netlink socket of protocol ${protocol}: ${(cause as Error).message}`, {
		cause,
	});
}
