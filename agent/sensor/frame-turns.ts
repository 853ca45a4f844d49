import type { Clock } from '../core/clock.ts';
import type { FrameSource } from './frame-source.ts';

/**
 * How often frames are read. libpcap's own wake-ups would be one for each frame of a trickle, and their handler cannot be left
 * before a flood ends; ten turns a second cost 0.1 % of a core, and an attack is told within a quarter of a second.
 */
const TURN_MS = 100;

/** Reads all sources in turn, as long as there is one. */
export class FrameTurns {
	readonly #clock: Clock;
	readonly #sources = new Set<FrameSource>();
	readonly #calls = new Set<() => void>();
	#cancel: (() => void) | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** @param afterTurn called whenever all sources have been read */
	add(source: FrameSource, afterTurn?: () => void): void {
		this.#sources.add(source);
		if (afterTurn) this.#calls.add(afterTurn);
		this.#cancel ??= this.#clock.after(0, () => this.#turn());
	}

	remove(source: FrameSource, afterTurn?: () => void): void {
		source.stop();
		this.#sources.delete(source);
		if (afterTurn) this.#calls.delete(afterTurn);
		if (this.#sources.size > 0) return;
		this.#cancel?.();
		this.#cancel = undefined;
	}

	#turn(): void {
		this.#cancel = this.#clock.after(TURN_MS, () => this.#turn());
		const nowMs = this.#clock.bootMs();
		for (const source of this.#sources) source.turn(nowMs);
		for (const call of this.#calls) call();
	}
}
