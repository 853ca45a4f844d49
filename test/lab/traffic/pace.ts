import { type FlowRequest, monotonicMs } from './flow-request.ts';

/** A paced sender wakes this often; a burst is what the rate gives in this time. */
const TICK_MS = 2;
/** However late a sender wakes, it never makes up for more than this: a burst would overflow the devices' queues. */
const BURST_MS = 10;

/** How many bytes may be sent now, so that a flow keeps its rate without bursts. */
export class Pace {
	readonly #bytesPerMs: number;
	#allowance = 0;
	#lastMs = monotonicMs();

	constructor(request: Pick<FlowRequest, 'bitsPerSecond'>) {
		this.#bytesPerMs = request.bitsPerSecond === undefined ? Number.POSITIVE_INFINITY : request.bitsPerSecond / 8000;
	}

	/** Takes up to `wanted` bytes; 0 means: wait for {@link next}. */
	take(wanted: number): number {
		if (this.#bytesPerMs === Number.POSITIVE_INFINITY) return wanted;
		const now = monotonicMs();
		const burst = Math.max(wanted, this.#bytesPerMs * BURST_MS);
		this.#allowance = Math.min(burst, this.#allowance + (now - this.#lastMs) * this.#bytesPerMs);
		this.#lastMs = now;
		if (this.#allowance < wanted) return 0;
		this.#allowance -= wanted;
		return wanted;
	}

	/** Resolves when it is worth asking again. */
	async next(): Promise<void> {
		await new Promise((resolve) => setTimeout(resolve, TICK_MS));
	}
}
