import {
	NetlinkConnection,
	type NetlinkMessage,
	type NetlinkSocket,
	NLM_F_MULTI,
	NLMSG_DONE,
	NLMSG_ERROR,
	type SocketListener,
} from '../../../agent/netlink/index.ts';
import { HEADER_BYTES, messagesOf, writeMessage } from '../../../agent/netlink/message.ts';

/** Plays the kernel's side of a connection: real bytes, answers when the test says so, and time that the test moves. */
export class FakeKernel implements NetlinkSocket {
	readonly extendedErrors = true;
	/** The messages of each datagram that was sent to us. */
	readonly asked: NetlinkMessage[][] = [];
	readonly connection: NetlinkConnection;
	closed = false;
	/** What the next send fails with. */
	sendError: Error | undefined;
	#listener: SocketListener | undefined;
	readonly #timers = new Set<() => void>();

	constructor() {
		this.connection = new NetlinkConnection({
			protocol: 12,
			open: (listener) => {
				this.#listener = listener;
				return this;
			},
			after: (_delayMs, call) => {
				this.#timers.add(call);
				return () => this.#timers.delete(call);
			},
		});
		this.connection.start();
	}

	send(bytes: Buffer, done: (error: unknown) => void): void {
		if (this.sendError === undefined) this.asked.push(messagesOf(Buffer.from(bytes)));
		done(this.sendError);
	}

	close(): void {
		this.closed = true;
	}

	/** The sequence number of a message that was sent: the last datagram's first unless told otherwise. */
	sequence(datagram = -1, message = 0): number {
		return this.asked.at(datagram)?.at(message)?.sequence as number;
	}

	answer(...messages: Buffer[]): void {
		this.#listener?.datagram(Buffer.concat(messages));
	}

	/** The same, in memory that the test looks at afterwards. */
	answerIn(datagram: Buffer): void {
		this.#listener?.datagram(datagram);
	}

	lose(): void {
		this.#listener?.lost();
	}

	/** Fires every pending time-out. */
	passTime(): void {
		for (const call of [...this.#timers]) call();
	}

	get timerCount(): number {
		return this.#timers.size;
	}
}

export function message(type: number, sequence: number, payload: Buffer, flags = 0): Buffer {
	const bytes = Buffer.alloc(HEADER_BYTES + payload.length);
	writeMessage(bytes, 0, { type, flags, sequence, payload });
	return bytes;
}

/** NLMSG_ERROR; 0 acknowledges. */
export function errorMessage(sequence: number, error = 0): Buffer {
	const payload = Buffer.alloc(4 + HEADER_BYTES);
	payload.writeInt32LE(-error);
	payload.writeUInt32LE(HEADER_BYTES, 4);
	return message(NLMSG_ERROR, sequence, payload, 0x100);
}

export function done(sequence: number, flags = 0): Buffer {
	return message(NLMSG_DONE, sequence, Buffer.alloc(4), NLM_F_MULTI | flags);
}

/** Lets the continuations of settled promises run. */
export async function settle(): Promise<void> {
	await new Promise(setImmediate);
}
