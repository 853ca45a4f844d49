import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import { OctroiError } from '../core/octroi-error.ts';
import { answerRequest, describeError, type RequestContext } from './answer-request.ts';
import { READ_TIMEOUT_MS, REQUEST_BYTES_MAX, REQUEST_TIMEOUT_MS, UNREAD_BYTES_MAX } from './limits.ts';
import { HELLO, type Watching } from './protocol.ts';
import type { StatusStream, StreamReader } from './status-stream.ts';

const LINE_FEED = 10;

export type ConnectionContext = RequestContext & {
	clock: Clock;
	stream?: StatusStream | undefined;
	/** Whether there is room for one more that watches. */
	mayWatch: () => boolean;
};

/**
 * One client. Requests are handled one after the other; while one is handled nothing is read from the socket,
 * so that what a client can make us hold is one request, one chunk and one answer.
 */
export class Connection {
	readonly #socket: Socket;
	readonly #context: ConnectionContext;
	#unread: Buffer = Buffer.alloc(0);
	#busy = false;
	#stopping = false;
	/** The client will send no more, but still reads. */
	#ended = false;
	#cancelTimeout: (() => void) | undefined;
	#reader: StreamReader | undefined;
	#wantsToWatch = false;

	constructor(socket: Socket, context: ConnectionContext) {
		this.#socket = socket;
		this.#context = context;
	}

	start(onClosed: () => void): void {
		this.#socket.on('data', (chunk) => {
			this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
			void this.#handleLines();
		});
		this.#socket.once('end', () => {
			this.#ended = true;
			void this.#handleLines();
		});
		this.#socket.on('error', (error) => this.#context.log.debug({ error }, 'a client went away'));
		this.#socket.once('close', () => {
			this.#cancelTimeout?.();
			if (this.#reader) this.#context.stream?.remove(this.#reader);
			onClosed();
		});
		this.#socket.write(`${JSON.stringify(HELLO)}\n`);
	}

	get isWatching(): boolean {
		return this.#reader !== undefined || this.#wantsToWatch;
	}

	/** It neither watches nor waits for an answer, nor has one to read. */
	get isIdle(): boolean {
		return !this.#busy && !this.isWatching && this.#socket.writableLength === 0;
	}

	/** Ends after the answer that is under way, if there is one. */
	stop(): void {
		this.#stopping = true;
		if (!this.#busy) {
			this.#socket.destroySoon();
		}
	}

	destroy(): void {
		this.#socket.destroy();
	}

	/** Never rejects: answerRequest does not, and writing reports by events. */
	async #handleLines(): Promise<void> {
		if (this.#busy) {
			return;
		}
		this.#busy = true;
		this.#socket.pause();
		this.#cancelTimeout?.();
		this.#cancelTimeout = undefined;
		let end = this.#unread.indexOf(LINE_FEED);
		while (end >= 0 && end <= REQUEST_BYTES_MAX && !this.#stopping && !this.#socket.destroyed) {
			const line = this.#unread.toString('utf8', 0, end).trim();
			this.#unread = this.#unread.subarray(end + 1);
			if (line !== '') {
				await this.#write(await answerRequest(line, this.#context, () => this.#watch()));
				this.#beginToWatch();
			}
			end = this.#unread.indexOf(LINE_FEED);
		}
		this.#busy = false;
		this.#afterLines(end);
	}

	#afterLines(end: number): void {
		if (this.#stopping || this.#ended || this.#socket.destroyed) {
			this.#socket.destroySoon();
		} else if (end > REQUEST_BYTES_MAX || this.#unread.length > REQUEST_BYTES_MAX) {
			this.#refuse(`a request has more than ${REQUEST_BYTES_MAX} bytes`);
		} else {
			if (this.#unread.length > 0) {
				const expire = () => this.#refuse(`a request was not complete after ${REQUEST_TIMEOUT_MS} ms`);
				this.#cancelTimeout = this.#context.clock.after(REQUEST_TIMEOUT_MS, expire);
			}
			this.#socket.resume();
		}
	}

	/** @throws OctroiError `not_allowed` the second time, and if too many watch; `feature_missing` without a stream */
	#watch(): Watching {
		const { stream } = this.#context;
		if (stream === undefined) throw new OctroiError('feature_missing', 'this agent has no stream');
		if (this.#reader) throw new OctroiError('not_allowed', 'this connection watches already');
		if (!this.#context.mayWatch()) {
			throw new OctroiError('not_allowed', 'too many clients watch already', {
				fix: 'ask for `status` now and then instead',
			});
		}
		this.#wantsToWatch = true;
		return stream.watching;
	}

	/** After the answer, so that the snapshot follows it. */
	#beginToWatch(): void {
		if (!this.#wantsToWatch || this.#socket.destroyed) return;
		this.#wantsToWatch = false;
		this.#reader = {
			send: (line) => void this.#socket.write(line),
			unreadBytes: () => this.#socket.writableLength,
			drop: () => this.#drop(),
		};
		this.#context.stream?.add(this.#reader);
	}

	/** Says why and closes; what the client still sends is not read. */
	#refuse(reason: string): void {
		this.#stopping = true;
		this.#unread = Buffer.alloc(0);
		const error = new OctroiError('invalid_value', reason, { fix: 'send one JSON object a line' });
		this.#context.log.warn({ reason }, 'a client was refused');
		this.#socket.end(`${JSON.stringify({ id: null, error: describeError(error, this.#context.log) })}\n`);
		this.#socket.resume();
		const close = () => this.#socket.destroy();
		this.#cancelTimeout = this.#context.clock.after(READ_TIMEOUT_MS, close);
	}

	async #write(answer: object): Promise<void> {
		if (this.#socket.destroyed) {
			return;
		}
		const flushed = this.#socket.write(`${JSON.stringify(answer)}\n`);
		if (this.#socket.writableLength > UNREAD_BYTES_MAX) {
			this.#drop();
		} else if (!flushed && this.#reader === undefined) {
			await this.#drained();
		}
	}

	#drained(): Promise<void> {
		return new Promise((resolve) => {
			const cancel = this.#context.clock.after(READ_TIMEOUT_MS, () => this.#drop());
			const done = () => {
				cancel();
				this.#socket.off('drain', done);
				this.#socket.off('close', done);
				resolve();
			};
			this.#socket.on('drain', done);
			this.#socket.on('close', done);
		});
	}

	#drop(): void {
		this.#context.log.warn({ unreadBytes: this.#socket.writableLength }, 'a client that does not read was dropped');
		this.#socket.destroy();
	}
}
