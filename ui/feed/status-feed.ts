import { StatusClient } from '../../agent/status/client.ts';
import { STREAM_VERSION, type StatusEvent } from '../../agent/status/snapshot.ts';
import { applyDelta, modelOf, type StatusModel } from './merge.ts';

/** How the feed stands with the agent. */
export type FeedLink =
	| { readonly state: 'connecting' }
	| { readonly state: 'live' }
	/** The model, if there is one, shows how things were. */
	| { readonly state: 'lost'; readonly reason: string; readonly sinceMs: number; readonly nextTryMs: number };

export type FeedTimer = {
	/** Milliseconds of a clock that never jumps. */
	bootMs(): number;
	/** Calls once; the answer cancels it. */
	after(delayMs: number, call: () => void): () => void;
};

export type StatusFeedOptions = {
	/** The agent's status (or control) socket. */
	readonly path: string;
	readonly timer: FeedTimer;
	/** From 0 to 1: spreads the attempts of several displays. */
	readonly random: () => number;
	/** After every snapshot, delta and change of the link. */
	readonly onChange: () => void;
	/** Default {@link SILENCE_MS}. */
	readonly silenceMs?: number;
};

/** The first wait after a loss; it doubles with each failure. */
export const RETRY_MIN_MS = 250;
/** A restarted agent is shown at the latest after this (and half of it more, by chance). */
export const RETRY_MAX_MS = 5000;
/** The agent sends a delta every second, even if little has changed; an agent that hangs this long is as good as gone. */
export const SILENCE_MS = 15_000;

/** Keeps a model of the agent up to date, and connects again when the agent was away. */
export class StatusFeed {
	readonly #options: StatusFeedOptions;
	#link: FeedLink = { state: 'connecting' };
	#model: StatusModel | undefined;
	#client: StatusClient | undefined;
	#failures = 0;
	#cancel: (() => void) | undefined;
	#stopped = true;
	#lostAtMs: number | undefined;
	/** How often a connection was made again after a loss. */
	reconnects = 0;

	constructor(options: StatusFeedOptions) {
		this.#options = options;
	}

	get link(): FeedLink {
		return this.#link;
	}

	/** Undefined before the first snapshot. */
	get model(): StatusModel | undefined {
		return this.#model;
	}

	start(): void {
		if (!this.#stopped) return;
		this.#stopped = false;
		void this.#run();
	}

	/** May be called twice. */
	stop(): void {
		this.#stopped = true;
		this.#cancel?.();
		this.#client?.stop();
		this.#client = undefined;
	}

	/** One life of a connection. Never rejects: what goes wrong is shown. */
	async #run(): Promise<void> {
		const client = new StatusClient({
			path: this.#options.path,
			answerTimeoutMs: this.#options.silenceMs ?? SILENCE_MS,
		});
		this.#client = client;
		try {
			await client.start();
			await client.request('watch', {});
			for (;;) {
				this.#take((await client.nextEvent()) as StatusEvent);
				if (this.#stopped) return;
			}
		} catch (error) {
			client.stop();
			if (!this.#stopped) this.#retry(error instanceof Error ? error.message : String(error));
		}
	}

	#take(event: StatusEvent): void {
		if (event.watch === 'snapshot') {
			if (event.version !== STREAM_VERSION) throw new Error('the agent is of another version than this display');
			this.#model = modelOf(event);
			if (this.#lostAtMs !== undefined) this.reconnects += 1;
			this.#lostAtMs = undefined;
			this.#failures = 0;
			this.#link = { state: 'live' };
		} else if (this.#model === undefined || !applyDelta(this.#model, event)) {
			throw new Error('a part of the stream is missing');
		}
		this.#options.onChange();
	}

	#retry(reason: string): void {
		const { timer, random, onChange } = this.#options;
		const ceiling = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.#failures);
		this.#failures += 1;
		const waitMs = Math.round(ceiling * (0.5 + random()));
		this.#lostAtMs ??= timer.bootMs();
		this.#link = { state: 'lost', reason, sinceMs: this.#lostAtMs, nextTryMs: timer.bootMs() + waitMs };
		this.#cancel = timer.after(waitMs, () => void this.#run());
		onChange();
	}
}
