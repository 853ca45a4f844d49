import { OctroiError } from '../core/octroi-error.ts';
import { encodeBatch, encodeMessages } from './batch.ts';
import { NLM_F_ACK, NLM_F_DUMP } from './constants.ts';
import { Exchange } from './exchange.ts';
import { movableMessage, type NetlinkMessage, type NetlinkRequest, readMessage } from './message.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { type NetlinkSocket, openSocket, type SocketListener } from './socket.ts';
import { releaseDatagram } from './socket-option.ts';

/** How long the kernel may be silent about one exchange. It answers within the send, unless the machine is stuck. */
const ANSWER_TIMEOUT_MS = 5000;
/** A dump that was interrupted by changes, or whose answers were lost, is asked for again so many times in all. */
export const DUMP_ATTEMPTS_MAX = 8;
/** Pause before a dump is asked for again while the kernel still ends the one before. */
const BUSY_PAUSE_MS = 20;
/** Of `each`: their refusals, some 100 bytes each and up to a kilobyte of bookkeeping, must fit into the receive buffer. */
const EACH_REQUESTS_MAX = 256;
/** Holds the refusals of a whole batch, and a dump skb or two; the kernel continues a dump as we read. */
const RECEIVE_BUFFER_BYTES = 1 << 20;
/**
 * The kernel fills at most so much of a dump (netlink_dump, SKB_WITH_OVERHEAD(32768)), and the more the longer our buffer is; an
 * error without NETLINK_CAP_ACK repeats our message, the longest of which are set elements (ELEMENTS_BYTES_MAX, 24 KiB).
 */
const DATAGRAM_BYTES_MAX = 32 << 10;

export type ConnectionOptions = {
	readonly protocol: number;
	readonly receiveBufferBytes?: number;
	readonly answerTimeoutMs?: number;
	/** Of one that asks for single things only, whose answers are short: so much is taken for each datagram. */
	readonly datagramBytesMax?: number;
	/** Calls once after a delay; the answer cancels it. Node's timers unless a test gives its own. */
	readonly after?: (delayMs: number, call: () => void) => () => void;
	/** Opens the socket; a fake kernel in tests. */
	readonly open?: (listener: SocketListener) => NetlinkSocket;
};

/**
 * One raw netlink socket for questions and their answers. Any number of exchanges may be in flight;
 * dumps wait for each other, because the kernel allows one per socket.
 */
export class NetlinkConnection {
	readonly #options: Required<ConnectionOptions>;
	#socket: NetlinkSocket | undefined;
	#sequence = 0;
	readonly #exchanges = new Set<Exchange>();
	#lastDump: Promise<unknown> = Promise.resolve();

	constructor(options: ConnectionOptions) {
		const { protocol, receiveBufferBytes = RECEIVE_BUFFER_BYTES, datagramBytesMax = DATAGRAM_BYTES_MAX } = options;
		this.#options = {
			protocol,
			receiveBufferBytes,
			datagramBytesMax,
			answerTimeoutMs: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
			after: options.after ?? afterUnreferenced,
			open: options.open ?? ((listener) => openSocket({ protocol, receiveBufferBytes, datagramBytesMax }, listener)),
		};
	}

	/** Opens the socket. @throws OctroiError `netlink_closed` */
	start(): void {
		this.#socket ??= this.#options.open({
			datagram: (bytes) => this.#receive(bytes),
			lost: () => this.#failDumps(),
			fault: (error) => this.#failAll(error),
		});
	}

	/** Closes the socket; what is in flight is rejected with `netlink_closed`. May be called twice. */
	stop(): void {
		const socket = this.#socket;
		this.#socket = undefined;
		socket?.close();
		this.#failAll(new OctroiError('netlink_closed', 'the connection was stopped before the kernel answered'));
	}

	/** Whether refusals carry the kernel's own words. */
	get extendedErrors(): boolean {
		return this.#socket?.extendedErrors ?? false;
	}

	/**
	 * One request that the kernel only acknowledges.
	 *
	 * @throws OctroiError `netlink_refused` (see `refusalOf`), `netlink_timeout`, `netlink_closed`, `netlink_malformed`
	 */
	async request(request: NetlinkRequest): Promise<void> {
		await this.#ask(request, NLM_F_ACK);
	}

	/** A question with few answers; each is a view of its own that stays valid. @throws as {@link request} */
	async get(request: NetlinkRequest): Promise<NetlinkMessage[]> {
		return (await this.#ask(request, NLM_F_ACK)).answers;
	}

	/**
	 * Everything the kernel has of a kind. `visit` is called only when the dump is whole and consistent, for each message
	 * in order and synchronously; a dump that changes under our feet (NLM_F_DUMP_INTR) or loses messages is asked for again
	 * before, so nothing is visited twice. The view that `visit` gets is one object that moves, and its bytes are given back
	 * after the last visit: keep values, not the view and no part of its bytes.
	 *
	 * @throws as {@link request}; `netlink_refused` with EINTR after {@link DUMP_ATTEMPTS_MAX} interrupted attempts
	 */
	async dump(request: NetlinkRequest, visit: (message: NetlinkMessage) => void): Promise<void> {
		const exchange = await this.#nextDump(request);
		exchange.visit(visit);
		exchange.release();
	}

	async #nextDump(request: NetlinkRequest): Promise<Exchange> {
		const before = this.#lastDump;
		const dumped = (async () => {
			await before;
			return this.#dumpWhole(request);
		})();
		// The next dump waits for this one, however it ends.
		this.#lastDump = dumped.catch(() => undefined);
		return await dumped;
	}

	/** A dump as a list of what `decode` makes of each message, and may keep parts of; undefined is left out. @throws as {@link dump} */
	async list<Value>(request: NetlinkRequest, decode: (message: NetlinkMessage) => Value | undefined): Promise<Value[]> {
		const values: Value[] = [];
		const exchange = await this.#nextDump(request);
		exchange.visit((message) => {
			const value = decode(message);
			if (value !== undefined) values.push(value);
		});
		return values;
	}

	/**
	 * All of it or nothing: one nf_tables transaction. Resolves when the kernel has committed.
	 *
	 * @throws as {@link request}; `invalid_value` when it is longer than `BATCH_BYTES_MAX`. A time-out leaves open whether
	 * the kernel committed.
	 */
	async batch(requests: readonly NetlinkRequest[]): Promise<void> {
		if (requests.length === 0) return;
		const first = this.#takeSequence(requests.length + 2);
		const bytes = encodeBatch(requests, first);
		const exchange = this.#exchange({
			first,
			count: requests.length + 1,
			final: first + requests.length,
			indexBase: -1,
			what: (index) => requests[index]?.what ?? `apply a batch of ${requests.length} changes`,
		});
		await this.#send(bytes, exchange);
	}

	/**
	 * Many requests in as few sends as they fit into, each done by itself: what is refused keeps nothing else from being done.
	 * For rtnetlink, which knows no transactions.
	 *
	 * @returns what was refused, with its index in `requests`
	 * @throws OctroiError `netlink_timeout`, `netlink_closed`, `netlink_malformed`
	 */
	async each(requests: readonly NetlinkRequest[]): Promise<readonly Refusal[]> {
		const refusals: Refusal[] = [];
		for (let begin = 0; begin < requests.length; begin += EACH_REQUESTS_MAX) {
			const part = requests.slice(begin, begin + EACH_REQUESTS_MAX);
			try {
				await this.#sendTogether(part);
			} catch (error) {
				const refused = refusalOf(error);
				if (refused.length === 0) throw error;
				refusals.push(...refused.map((refusal) => ({ ...refusal, index: refusal.index + begin })));
			}
		}
		return refusals;
	}

	async #sendTogether(requests: readonly NetlinkRequest[]): Promise<void> {
		const first = this.#takeSequence(requests.length);
		// It acknowledges the last, and refuses any.
		const bytes = encodeMessages(requests, first, NLM_F_ACK);
		const exchange = this.#exchange({
			first,
			count: requests.length,
			final: first + requests.length - 1,
			indexBase: 0,
			what: (index) => requests[index]?.what ?? 'do one of many things',
		});
		await this.#send(bytes, exchange);
	}

	async #dumpWhole(request: NetlinkRequest): Promise<Exchange> {
		for (let attempt = 1; ; attempt++) {
			const exchange = await this.#askForDump(request, attempt);
			if (exchange?.interrupted === false) return exchange;
			if (exchange !== undefined && attempt === DUMP_ATTEMPTS_MAX)
				throw exchange.refused({ errno: 'EINTR', index: 0, text: undefined, offset: undefined });
		}
	}

	/** Undefined when the kernel is still busy with a dump whose answers we lost (EBUSY); it ends as we read on. */
	async #askForDump(request: NetlinkRequest, attempt: number): Promise<Exchange | undefined> {
		try {
			return await this.#ask(request, NLM_F_DUMP);
		} catch (error) {
			if (refusalOf(error)[0]?.errno !== 'EBUSY' || attempt === DUMP_ATTEMPTS_MAX) throw error;
			await new Promise<void>((resolve) => this.#options.after(BUSY_PAUSE_MS, resolve));
			return undefined;
		}
	}

	#ask(request: NetlinkRequest, flags: number): Promise<Exchange> {
		const first = this.#takeSequence(1);
		const bytes = encodeMessages([request], first, flags);
		const isDump = flags === NLM_F_DUMP;
		const exchange = this.#exchange({ first, count: 1, final: first, indexBase: 0, isDump, what: () => request.what });
		return this.#send(bytes, exchange);
	}

	#exchange(options: ConstructorParameters<typeof Exchange>[0]): Exchange {
		const exchange = new Exchange(options);
		this.#exchanges.add(exchange);
		return exchange;
	}

	async #send(bytes: Buffer, exchange: Exchange): Promise<Exchange> {
		const socket = this.#socket;
		let cancel = () => {};
		const watch = () => {
			cancel();
			cancel = this.#options.after(this.#options.answerTimeoutMs, () =>
				exchange.timeOut(this.#options.answerTimeoutMs),
			);
		};
		watch();
		exchange.onProgress = watch;
		if (socket === undefined) exchange.reject(new OctroiError('netlink_closed', 'the connection is not started'));
		else {
			socket.send(bytes, (error) => {
				if (error) exchange.reject(sendError(error, exchange.what(0)));
			});
		}
		try {
			await exchange.settled;
			return exchange;
		} finally {
			cancel();
			this.#exchanges.delete(exchange);
		}
	}

	readonly #view = movableMessage();

	#receive(datagram: Buffer): void {
		try {
			let exchange: Exchange | undefined;
			let isKept = false;
			for (let offset = 0; offset < datagram.length; ) {
				offset = readMessage(datagram, offset, this.#view);
				if (exchange === undefined || !exchange.covers(this.#view.sequence)) {
					exchange = this.#find(this.#view.sequence);
				}
				exchange?.take(this.#view);
				isKept ||= exchange?.isDump === true;
			}
			// V8 knows of the hundred bytes of an acknowledgement, not of the 32 KiB taken for it: 10,000 grew us by hundreds of megabytes.
			if (!isKept) releaseDatagram(datagram);
		} catch (error) {
			this.#failAll(error as OctroiError); // whose answer they were cannot be known
		}
	}

	#find(sequence: number): Exchange | undefined {
		for (const exchange of this.#exchanges) if (exchange.covers(sequence)) return exchange;
		// An answer to what timed out long ago.
		return undefined;
	}

	/** Sequence numbers start from 1: 0 is what the kernel's events carry. */
	#takeSequence(count: number): number {
		if (this.#sequence + count > 0xffff_ffff) this.#sequence = 0;
		const first = this.#sequence + 1;
		this.#sequence += count;
		return first;
	}

	/** Answers are lost. A dump is asked for again; other exchanges may still be answered, or time out. */
	#failDumps(): void {
		for (const exchange of this.#exchanges) exchange.lose();
	}

	#failAll(error: OctroiError): void {
		for (const exchange of this.#exchanges) exchange.reject(error);
	}
}

function sendError(error: unknown, what: string): OctroiError {
	return new OctroiError('netlink_closed', `could not send to the kernel to ${what}: ${(error as Error).message}`, {
		cause: error,
	});
}

function afterUnreferenced(delayMs: number, call: () => void): () => void {
	const timer = setTimeout(call, delayMs).unref();
	return () => clearTimeout(timer);
}
