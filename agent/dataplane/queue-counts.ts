import { queueCounter } from './names.ts';

const OFFERED = Number(queueCounter.offered.slice(1));

/** Packets of new flows: those that went to the queue, and those that were too many of one station. */
export type QueueCounts = { readonly offered: number; readonly shed: number };

/** Sums what the kernel's counters show since the agent started: a table may be older than that, or be replaced meanwhile. */
export class QueueSums {
	#before: QueueCounts = { offered: 0, shed: 0 };
	#base: QueueCounts = { offered: 0, shed: 0 };
	#now = { offered: 0, shed: 0 };

	/** What a counter shows now, by the number in its name. */
	note(counter: number, packets: number): void {
		this.#now[counter === OFFERED ? 'offered' : 'shed'] = packets;
	}

	/** The table was loaded: what its counters show was there before. @param read has all counters noted */
	async restart(read: () => Promise<void>): Promise<void> {
		this.#before = this.sums;
		this.#base = { offered: 0, shed: 0 };
		this.#now = { offered: 0, shed: 0 };
		await read();
		this.#base = { ...this.#now };
	}

	get sums(): QueueCounts {
		const sum = (of: 'offered' | 'shed') => this.#before[of] + this.#now[of] - this.#base[of];
		return { offered: sum('offered'), shed: sum('shed') };
	}
}
