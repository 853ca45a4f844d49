import type { OctroiError } from '../core/octroi-error.ts';
import { NetlinkConnection } from './connection.ts';
import { NETLINK_NETFILTER, NFQNL_MSG_PACKET, NLM_F_REQUEST } from './constants.ts';
import { movableMessage, type NetlinkRequest, readMessage, writeMessage } from './message.ts';
import { bindQueue, type QueueParameters, setQueueParameters } from './queue-config.ts';
import { decodeQueuedPacket, type QueuedPacket } from './queue-packet.ts';
import { batchVerdict, type PacketVerdict, packetVerdict, type QueueVerdict } from './queue-verdict.ts';
import { type NetlinkSocket, openSocket, type SocketListener } from './socket.ts';

/** Where nlmsg_type stands in a message. */
const TYPE_OFFSET = 4;
/** Of a full queue: each packet takes a socket buffer of about 1 KiB, and nothing else comes by this socket. */
const RECEIVE_BUFFER_BYTES = 4 << 20;
/** What stands around the bytes of a packet: devices, addresses, mark, time; some 200 bytes (linux/netfilter/nfnetlink_queue.h). */
const ENVELOPE_BYTES_MAX = 1024;

export type QueueListener = {
	/** A packet that waits. Its bytes are only valid during the call. Must not throw. */
	packet(packet: QueuedPacket): void;
	/** The kernel found no room for packets, or what came did not parse. */
	lost(error?: OctroiError): void;
};

export type QueueOptions = {
	readonly queue: number;
	readonly parameters: QueueParameters;
	/** Opens the socket; a fake kernel in tests. */
	readonly open?: (listener: SocketListener) => NetlinkSocket;
};

/** One queue of packets that wait for their verdicts. */
export class PacketQueue {
	readonly #options: QueueOptions;
	#socket: NetlinkSocket | undefined;
	#connection: NetlinkConnection | undefined;
	#listener: QueueListener = { packet: () => undefined, lost: () => undefined };

	constructor(options: QueueOptions) {
		this.#options = options;
	}

	/**
	 * Takes the queue; packets come from now on.
	 *
	 * @throws OctroiError `netlink_refused` (EBUSY: another program has the queue; EPERM), `netlink_closed`
	 */
	async start(listener: QueueListener): Promise<void> {
		const { queue, parameters } = this.#options;
		this.#listener = listener;
		// Questions and their answers go over the same socket as the packets: the queue belongs to it.
		const connection = new NetlinkConnection({
			protocol: NETLINK_NETFILTER,
			open: (answers) => {
				const socket = this.#open({
					datagram: (bytes) => this.#receive(bytes, answers),
					lost: () => {
						answers.lost();
						listener.lost();
					},
					fault: (error) => {
						answers.fault(error);
						listener.lost(error);
					},
				});
				this.#socket = socket;
				return socket;
			},
		});
		this.#connection = connection;
		connection.start();
		try {
			await connection.request(bindQueue(queue));
			await connection.request(setQueueParameters(queue, parameters));
		} catch (error) {
			this.stop();
			throw error;
		}
	}

	/** Gives verdicts, in the order of the packets; all in one send. Nothing answers them. */
	judge(verdicts: readonly Omit<QueueVerdict, 'queue'>[], done: (error: unknown) => void): void {
		const { queue } = this.#options;
		this.#send(
			verdicts.map((verdict) => batchVerdict({ ...verdict, queue })),
			done,
		);
	}

	/** Gives the verdict for one packet, which may leave as another one. Nothing answers it. */
	judgeOne(verdict: Omit<PacketVerdict, 'queue'>, done: (error: unknown) => void): void {
		this.#send([packetVerdict({ ...verdict, queue: this.#options.queue })], done);
	}

	#send(requests: readonly NetlinkRequest[], done: (error: unknown) => void): void {
		const socket = this.#socket;
		if (socket === undefined || requests.length === 0) return;
		const bytes = Buffer.alloc(requests.reduce((sum, { payload }) => sum + 16 + payload.length, 0));
		let offset = 0;
		for (const { type, payload } of requests) {
			offset = writeMessage(bytes, offset, { type, flags: NLM_F_REQUEST, sequence: 0, payload });
		}
		socket.send(bytes, done);
	}

	/** Lets go of the queue; what waits in it is dropped, and what comes later passes it by. May be called twice. */
	stop(): void {
		this.#connection?.stop();
		this.#connection = undefined;
		this.#socket = undefined;
	}

	#open(listener: SocketListener): NetlinkSocket {
		const { open, parameters } = this.#options;
		if (open) return open(listener);
		const datagramBytesMax = parameters.copyBytes + ENVELOPE_BYTES_MAX;
		const receiveBufferBytes = RECEIVE_BUFFER_BYTES;
		return openSocket({ protocol: NETLINK_NETFILTER, receiveBufferBytes, datagramBytesMax }, listener);
	}

	readonly #view = movableMessage();

	/** The native socket calls us from outside of JavaScript, where an exception would abort the process. */
	#receive(datagram: Buffer, answers: SocketListener): void {
		if (datagram.length < 16 || datagram.readUInt16LE(TYPE_OFFSET) !== NFQNL_MSG_PACKET) {
			answers.datagram(datagram);
			return;
		}
		try {
			for (let offset = 0; offset < datagram.length; ) {
				offset = readMessage(datagram, offset, this.#view);
				const packet = decodeQueuedPacket(this.#view);
				if (packet) this.#listener.packet(packet);
			}
		} catch (error) {
			queueMicrotask(() => this.#listener.lost(error as OctroiError));
		}
	}
}
