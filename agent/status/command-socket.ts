import { createServer, type Server, type Socket } from 'node:net';
import { OctroiError } from '../core/octroi-error.ts';
import { describeError } from './answer-request.ts';
import { Connection, type ConnectionContext } from './connection.ts';
import { CONNECTIONS_MAX, STOP_TIMEOUT_MS, WATCHING_MAX } from './limits.ts';
import { bindSocketFile, removeSocketFile, type SocketAccess } from './socket-file.ts';

export type CommandSocketOptions = Omit<ConnectionContext, 'mayWatch'> & { path: string; access: SocketAccess };

/** One listening Unix socket and its clients. */
export class CommandSocket {
	readonly #options: CommandSocketOptions;
	readonly #connections = new Set<Connection>();
	#server: Server | undefined;
	#inode: number | undefined;
	/** How many clients were turned away, or had to make room, since the start. */
	refusedCount = 0;

	constructor(options: CommandSocketOptions) {
		this.#options = options;
	}

	/** @throws OctroiError `agent_running`, `permission_denied`, `invalid_value` */
	async start(): Promise<void> {
		if (this.#server !== undefined) {
			return;
		}
		const server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
		this.#inode = await bindSocketFile(server, this.#options.path, this.#options.access);
		server.on('error', (error) => this.#options.log.error({ error }, 'the status socket failed'));
		this.#server = server;
	}

	/** Ends within {@link STOP_TIMEOUT_MS}. */
	async stop(): Promise<void> {
		const server = this.#server;
		if (server === undefined) {
			return;
		}
		this.#server = undefined;
		removeSocketFile(this.#options.path, this.#inode as number);
		const closed = new Promise<void>((resolve) => server.close(() => resolve()));
		for (const connection of this.#connections) {
			connection.stop();
		}
		const cancel = this.#options.clock.after(STOP_TIMEOUT_MS, () => {
			for (const connection of this.#connections) {
				connection.destroy();
			}
		});
		await closed;
		cancel();
	}

	#accept(socket: Socket): void {
		if (this.#connections.size >= CONNECTIONS_MAX && !(this.#options.readOnly && this.#makeRoom())) {
			this.#refuse(socket);
			return;
		}
		const connection = new Connection(socket, {
			...this.#options,
			mayWatch: () => [...this.#connections].filter(({ isWatching }) => isWatching).length < WATCHING_MAX,
		});
		this.#connections.add(connection);
		connection.start(() => this.#connections.delete(connection));
	}

	/** Of the socket that everybody may open: whoever is connected and says nothing keeps nobody out. */
	#makeRoom(): boolean {
		for (const connection of this.#connections) {
			if (!connection.isIdle) continue;
			this.#connections.delete(connection);
			connection.destroy();
			this.#noteRefused();
			return true;
		}
		return false;
	}

	#noteRefused(): void {
		this.refusedCount += 1;
		this.#options.log.warn({ refusedCount: this.refusedCount }, 'too many clients');
	}

	#refuse(socket: Socket): void {
		this.#noteRefused();
		const error = new OctroiError('not_allowed', `${CONNECTIONS_MAX} clients are connected already`, {
			fix: 'close some of them, or try again later',
		});
		socket.on('error', () => socket.destroy());
		socket.write(`${JSON.stringify({ id: null, error: describeError(error, this.#options.log) })}\n`);
		socket.destroySoon();
	}
}
