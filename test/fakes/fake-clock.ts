import type { Clock } from '../../agent/core/clock.ts';
import type { BootMs, WallMs } from '../../agent/core/units.ts';

type Timer = { readonly atMs: number; readonly order: number; readonly call: () => void };

/** Both clocks by hand: time passes only when a test says so, and timers fire in the order in which they are due. */
export class FakeClock implements Clock {
	readonly bootId = 'fake-boot';
	#bootMs: number;
	#wallOffsetMs: number;
	#order = 0;
	readonly #timers = new Set<Timer>();

	constructor({ bootMs = 5000, wallMs = Date.UTC(2026, 5, 1) }: { bootMs?: number; wallMs?: number } = {}) {
		this.#bootMs = bootMs;
		this.#wallOffsetMs = wallMs - bootMs;
	}

	bootMs(): BootMs {
		return this.#bootMs as BootMs;
	}

	wallMs(): WallMs {
		return (this.#bootMs + this.#wallOffsetMs) as WallMs;
	}

	after(delayMs: number, call: () => void): () => void {
		this.#order += 1;
		const timer = { atMs: this.#bootMs + Math.max(0, delayMs), order: this.#order, call };
		this.#timers.add(timer);
		return () => void this.#timers.delete(timer);
	}

	/** Timers that are waiting. */
	get pending(): number {
		return this.#timers.size;
	}

	/** Lets time pass, timer by timer; `settle` is waited for after each, so that its consequences happen at its moment. */
	async pass(byMs: number, settle: () => Promise<void> = async () => {}): Promise<void> {
		const end = this.#bootMs + byMs;
		for (let next = this.#next(end); next; next = this.#next(end)) {
			this.#fire(next);
			await settle();
		}
		this.#bootMs = Math.max(this.#bootMs, end);
	}

	/** Lets time pass without a timer being late for it: what a stopped process, or a few lost milliseconds, look like. */
	skip(byMs: number): void {
		this.#bootMs += byMs;
	}

	/** The wall clock jumps; the boot clock does not. */
	jumpWall(byMs: number): void {
		this.#wallOffsetMs += byMs;
	}

	#next(untilMs: number): Timer | undefined {
		let first: Timer | undefined;
		for (const timer of this.#timers) {
			if (timer.atMs > untilMs) continue;
			if (!first || timer.atMs < first.atMs || (timer.atMs === first.atMs && timer.order < first.order)) first = timer;
		}
		return first;
	}

	#fire(timer: Timer): void {
		this.#timers.delete(timer);
		this.#bootMs = Math.max(this.#bootMs, timer.atMs);
		timer.call();
	}
}
