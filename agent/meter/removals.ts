import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { AccountId, MeterId } from '../core/units.ts';
import type { Gate } from './gate.ts';
import type { Pools } from './pools.ts';
import { RETRY_MS } from './renewal.ts';

export type RemovalsOptions = { readonly gate: Gate; readonly pools: Pools; readonly clock: Clock; readonly log: Log };

/** Removes counters that were charged for the last time, and then gives their numbers back. */
export class Removals {
	readonly #options: RemovalsOptions;
	/** What cancels the next attempt of each that the kernel refused. */
	readonly #waiting = new Map<MeterId, () => void>();
	#isStopped = false;

	constructor(options: RemovalsOptions) {
		this.#options = options;
	}

	/** What the kernel refuses is tried again: nothing waits for it. */
	async remove(id: MeterId, account: AccountId): Promise<void> {
		const { gate, pools, clock, log } = this.#options;
		this.#waiting.delete(id);
		try {
			await gate.forget([id]);
			pools.release(id, account);
		} catch (error) {
			log.warn({ meter: id, error }, 'could not remove counters; trying again');
			if (!this.#isStopped)
				this.#waiting.set(
					id,
					clock.after(RETRY_MS, () => void this.remove(id, account)),
				);
		}
	}

	/** No more attempts; the next start removes what is left. */
	stop(): void {
		this.#isStopped = true;
		for (const cancel of this.#waiting.values()) cancel();
		this.#waiting.clear();
	}
}
