import type { Clock } from '../core/clock.ts';

/** The queue of an agent that was killed is free again in a moment; another program may keep it. Each wait is twice the last. */
const RETRY_FIRST_MS = 50;
const RETRY_LAST_MS = 10_000;

export type QueueRetryOptions = {
	/** Takes the queue, or says why it cannot be had. */
	readonly take: () => Promise<void>;
	/** It was taken (`undefined`); or it could not be, for this reason, and is tried again. */
	readonly onTry: (error: unknown) => void;
	readonly clock: Pick<Clock, 'after'>;
};

/** Takes a netfilter queue, and goes on trying. What would be handed over meanwhile passes by. */
export class QueueRetry {
	readonly #options: QueueRetryOptions;
	#cancelRetry = () => {};
	#retryMs = RETRY_FIRST_MS;
	#isTaken = false;
	#stopped = false;

	constructor(options: QueueRetryOptions) {
		this.#options = options;
	}

	get isTaken(): boolean {
		return this.#isTaken;
	}

	/** Resolves after the first try. */
	async start(): Promise<void> {
		const { take, onTry, clock } = this.#options;
		try {
			await take();
			this.#isTaken = true;
			onTry(undefined);
		} catch (error) {
			if (this.#stopped) return;
			onTry(error);
			this.#cancelRetry = clock.after(this.#retryMs, () => void this.start());
			this.#retryMs = Math.min(RETRY_LAST_MS, this.#retryMs * 2);
		}
	}

	/** Tries no more. May be called twice. */
	stop(): void {
		this.#stopped = true;
		this.#cancelRetry();
	}
}
