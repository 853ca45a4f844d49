import { OctroiError } from '../core/octroi-error.ts';
import { NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NLMSG_MIN_TYPE, NLMSG_OVERRUN } from './constants.ts';
import { type MovableMessage, movableMessage, type NetlinkMessage, readMessage } from './message.ts';
import { errnoName, type Refusal, readAnswer, refusedError } from './refusal.ts';
import { releaseDatagram } from './socket-option.ts';

type ExchangeOptions = {
	/** First of the `count` sequence numbers that are ours. */
	first: number;
	count: number;
	/** The message whose acknowledgement ends the exchange. */
	final: number;
	/** Index of the first message: −1 for BATCH_BEGIN. */
	indexBase: number;
	isDump?: boolean;
	/** What the message of an index was to do; −1 for the whole batch. */
	what: (index: number) => string;
};

/** One question and what the kernel has answered so far. It settles once. */
export class Exchange {
	/** Resolves when the kernel has answered all; rejects with an OctroiError. */
	readonly settled: Promise<void>;
	/** Answers of a question that is no dump. */
	readonly answers: NetlinkMessage[] = [];
	/** The dump is not to be used: it changed under our feet, or parts of it are lost. */
	interrupted = false;
	/** Called when a part of the answer has come, to wait on. */
	onProgress = () => {};
	readonly what: (index: number) => string;
	readonly #options: ExchangeOptions;
	readonly #datagrams: Buffer[] = [];
	readonly #refusals: Refusal[] = [];
	#resolve: () => void = () => {};
	#reject: (error: OctroiError) => void = () => {};

	constructor(options: ExchangeOptions) {
		this.#options = options;
		this.what = options.what;
		this.settled = new Promise((resolve, reject) => {
			this.#resolve = resolve;
			this.#reject = reject;
		});
		// It may be rejected before anyone waits; whoever waits still sees it.
		this.settled.catch(() => undefined);
	}

	/** Its datagrams are kept until {@link release}; those of other questions are free once {@link take} has seen them. */
	get isDump(): boolean {
		return this.#options.isDump === true;
	}

	covers(sequence: number): boolean {
		const index = sequence - this.#options.first;
		return index >= 0 && index < this.#options.count;
	}

	/** One message of ours. @throws OctroiError `netlink_malformed` */
	take(message: MovableMessage): void {
		if ((message.flags & NLM_F_DUMP_INTR) !== 0 && this.isDump) this.interrupted = true;
		if (message.type >= NLMSG_MIN_TYPE) this.#keep(message);
		else if (message.type === NLMSG_ERROR || message.type === NLMSG_DONE) this.#decide(message);
		else if (message.type === NLMSG_OVERRUN) this.lose();
	}

	/** Calls for each message of a dump, in order, with one view that moves. */
	visit(visit: (message: NetlinkMessage) => void): void {
		const view = movableMessage();
		for (const datagram of this.#datagrams) {
			for (let offset = 0; offset < datagram.length; ) {
				offset = readMessage(datagram, offset, view);
				if (view.sequence === this.#options.first && view.type >= NLMSG_MIN_TYPE) visit(view);
			}
		}
	}

	/** Gives back the memory of a dump that was visited. */
	release(): void {
		for (const datagram of this.#datagrams) releaseDatagram(datagram);
		this.#datagrams.length = 0;
	}

	refused(...refusals: Refusal[]): OctroiError {
		return refusedError(refusals, this.what);
	}

	reject(error: OctroiError): void {
		this.#reject(error);
	}

	/** The socket lost messages: a dump ends here, to be repeated; for others nothing is known yet. */
	lose(): void {
		if (!this.isDump) return;
		this.interrupted = true;
		this.#resolve();
	}

	timeOut(afterMs: number): void {
		const silent = `the kernel did not answer within ${afterMs} ms when asked to ${this.what(0)}`;
		const refused = this.#refusals.length > 0;
		this.#reject(refused ? this.refused(...this.#refusals) : new OctroiError('netlink_timeout', silent));
	}

	#keep(message: MovableMessage): void {
		if (!this.isDump) {
			// The datagram is given back: what is kept is a copy, of the message alone.
			const buffer = Buffer.from(message.buffer.subarray(message.start, message.end));
			this.answers.push({ ...message, buffer, start: 0, end: buffer.length });
			return;
		}
		if (this.#datagrams.at(-1) === message.buffer) return;
		this.#datagrams.push(message.buffer);
		this.onProgress();
	}

	#decide(message: NetlinkMessage): void {
		const { first, final, indexBase } = this.#options;
		const { error, text, offset } = readAnswer(message);
		const index = message.sequence - first + indexBase;
		if (error !== 0) this.#refusals.push({ errno: errnoName(error), index, text, offset });
		// A refusal of BATCH_BEGIN is one of the whole batch, and the last word on it.
		if (message.sequence !== final && index !== -1) return;
		if (this.#refusals.length > 0) this.#reject(this.refused(...this.#refusals));
		else this.#resolve();
	}
}
