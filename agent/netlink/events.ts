import type { OctroiError } from '../core/octroi-error.ts';
import { movableMessage, type NetlinkMessage, readMessage } from './message.ts';
import { type NetlinkSocket, openSocket, type SocketListener } from './socket.ts';

/**
 * The kernel drops events for a full buffer. 2 MiB holds some thousand of them, so that a burst (a ruleset of thousands of
 * elements loaded at once) does not cost a resynchronisation; the memory is only used while they wait.
 */
const RECEIVE_BUFFER_BYTES = 2 << 20;

export type EventsOptions = {
	readonly protocol: number;
	/** Multicast groups by number: NFNLGRP_NFTABLES, RTNLGRP_NEIGH, RTNLGRP_LINK. */
	readonly groups: readonly number[];
	readonly receiveBufferBytes?: number;
	/** Opens the socket; a fake kernel in tests. */
	readonly open?: (listener: SocketListener) => NetlinkSocket;
};

/** A socket of its own that only listens to multicast groups. */
export class NetlinkEvents {
	readonly #open: (listener: SocketListener) => NetlinkSocket;
	#socket: NetlinkSocket | undefined;

	constructor(options: EventsOptions) {
		const { protocol, groups, receiveBufferBytes = RECEIVE_BUFFER_BYTES } = options;
		this.#open = options.open ?? ((listener) => openSocket({ protocol, groups, receiveBufferBytes }, listener));
	}

	/**
	 * Joins the groups. Take the first dump after it, so that no change falls in between.
	 *
	 * @param onMessage gets one view that moves: keep values, not the view
	 * @param onLost events were lost (the buffer overflowed, or bytes did not parse; then with the error): the owner must
	 * dump anew. The socket goes on.
	 * @throws OctroiError `netlink_closed`
	 */
	start(onMessage: (message: NetlinkMessage) => void, onLost: (error?: OctroiError) => void): void {
		const view = movableMessage();
		const deliver = (datagram: Buffer) => {
			for (let offset = 0; offset < datagram.length; ) {
				offset = readMessage(datagram, offset, view);
				onMessage(view);
			}
		};
		this.#socket ??= this.#open({
			datagram: (bytes) => guarded(() => deliver(bytes), onLost),
			lost: () => guarded(onLost, onLost),
			fault: (error) => guarded(() => onLost(error), onLost),
		});
	}

	/** Leaves the groups. May be called twice. */
	stop(): void {
		this.#socket?.close();
		this.#socket = undefined;
	}
}

/**
 * The native socket calls us from outside of JavaScript, where an exception would abort the process. What does not parse
 * counts as lost; a defect of the listener becomes an ordinary uncaught exception.
 */
function guarded(call: () => void, onLost: (error: OctroiError) => void): void {
	try {
		call();
	} catch (error) {
		queueMicrotask(() => {
			if ((error as OctroiError).code !== 'netlink_malformed') throw error;
			onLost(error as OctroiError);
		});
	}
}
