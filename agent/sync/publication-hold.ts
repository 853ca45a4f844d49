import type { Clock } from '../core/clock.ts';
import { BackOff, type BackOffBounds } from './back-off.ts';
import { WARN_AFTER_MS } from './line-warning.ts';
import type { PublicationRefused } from './publication-refused.ts';

/**
 * Usage that the broker does not take until somebody changes its settings is offered again after so long. Each time a whole batch
 * crosses the uplink: 96 in a day.
 */
export const REFUSED_WAITS: BackOffBounds = { firstMs: 15_000, longestMs: 900_000 };

export type PublicationHoldOptions = {
	readonly clock: Clock;
	readonly random: () => number;
	/** The broker does not take usage; it is offered again after a while. */
	readonly onRefused: (about: { answer: string; waitMs: number }) => void;
	/** It takes usage again, after so long that somebody should know. */
	readonly onTaken: (about: { answer: string; seconds: number }) => void;
};

/** The times when the broker does not take usage: offered again each second, a batch would fill the uplink, and its answer the log. */
export class PublicationHold {
	readonly #options: PublicationHoldOptions;
	readonly #waits: { readonly passing: BackOff; readonly lasting: BackOff };
	#refused: { readonly answer: string; readonly sinceMs: number; untilMs: number } | undefined;

	constructor(options: PublicationHoldOptions) {
		this.#options = options;
		const { random } = options;
		this.#waits = { passing: new BackOff(random), lasting: new BackOff(random, REFUSED_WAITS) };
	}

	/** What the broker says of our usage; undefined: it takes it. */
	get answer(): string | undefined {
		return this.#refused?.answer;
	}

	/** Whether it is not to be offered now. */
	get isOn(): boolean {
		return this.#refused !== undefined && this.#options.clock.bootMs() < this.#refused.untilMs;
	}

	refused({ message: answer, isLasting }: PublicationRefused): void {
		const { clock, onRefused } = this.#options;
		const waitMs = this.#waits[isLasting ? 'lasting' : 'passing'].next(0);
		const nowMs = clock.bootMs();
		this.#refused = { answer, sinceMs: this.#refused?.sinceMs ?? nowMs, untilMs: nowMs + waitMs };
		onRefused({ answer, waitMs });
	}

	/** A broker that was set up otherwise mostly ends its connections: the next one is tried at once. */
	connected(): void {
		if (this.#refused !== undefined) this.#refused.untilMs = Number.NEGATIVE_INFINITY;
	}

	taken(): void {
		if (this.#refused === undefined) return;
		const { answer, sinceMs } = this.#refused;
		this.#refused = undefined;
		this.#waits.passing.reset();
		this.#waits.lasting.reset();
		const { clock, onTaken } = this.#options;
		const lastedMs = clock.bootMs() - sinceMs;
		if (lastedMs >= WARN_AFTER_MS) onTaken({ answer, seconds: Math.floor(lastedMs / 1000) });
	}
}
