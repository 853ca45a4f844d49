import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Socket as Connection, createConnection, isIPv6 } from 'node:net';
import { decodeQuestion } from './message.ts';
import { framed, messagesOf } from './stream.ts';

const DNS_PORT = 53;
/** A connection that could not be made is tried again after this. */
const RECONNECT_PAUSE_MS = 500;

/** Sends questions and hands the answers to whoever waits for them. */
export class Asker {
	readonly #waiting = new Map<number, (message: Buffer) => void>();
	readonly #send: (message: Buffer) => Promise<void>;
	#lastId = 0;

	private constructor(connect: (take: (message: Buffer) => void) => (message: Buffer) => Promise<void>) {
		this.#send = connect((message) => this.#take(message));
	}

	/** @param sources used in turn; none: what the system takes */
	static async udp(server: string, sources: readonly string[]): Promise<Asker> {
		const sockets: Socket[] = [];
		for (const address of sources.length > 0 ? sources : [undefined]) {
			const socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4');
			socket.bind(address === undefined ? {} : { address });
			await once(socket, 'listening');
			sockets.push(socket);
		}
		let turn = 0;
		return new Asker((take) => {
			for (const socket of sockets) socket.on('message', take);
			return async (message) => {
				const socket = sockets[turn++ % sockets.length] as Socket;
				socket.send(message, DNS_PORT, server, () => undefined);
			};
		});
	}

	/** One connection, made anew when it ends. */
	static tcp(server: string): Asker {
		return new Asker((take) => {
			let connection: Connection | undefined;
			return async (message) => {
				if (connection === undefined || connection.destroyed) connection = await connected(server, take);
				connection?.write(framed(message));
			};
		});
	}

	/** The answer; undefined when none came in time. @param encode the message with this id */
	async ask(encode: (id: number) => Buffer, timeoutMs: number): Promise<Buffer | undefined> {
		this.#lastId = (this.#lastId + 1) & 0xffff;
		const id = this.#lastId;
		const answer = await new Promise<Buffer | undefined>((resolve) => {
			this.#waiting.set(id, resolve);
			setTimeout(() => resolve(undefined), timeoutMs);
			void this.#send(encode(id));
		});
		this.#waiting.delete(id);
		return answer;
	}

	#take(message: Buffer): void {
		const { id } = decodeQuestion(message);
		this.#waiting.get(id)?.(message);
	}
}

async function connected(server: string, take: (message: Buffer) => void): Promise<Connection | undefined> {
	const connection = createConnection(DNS_PORT, server);
	connection.on('error', () => connection.destroy());
	connection.on('data', messagesOf(take));
	const isMade = await new Promise<boolean>((resolve) => {
		connection.once('connect', () => resolve(true));
		connection.once('close', () => resolve(false));
	});
	if (isMade) return connection;
	await new Promise((resolve) => setTimeout(resolve, RECONNECT_PAUSE_MS));
	return undefined;
}
