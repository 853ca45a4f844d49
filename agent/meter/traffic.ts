import type { MeterState } from './pool.ts';

/**
 * Bytes forwarded since the agent started. Only grows: stations that left stay in it. Readings may arrive out of their order,
 * so the largest that a meter has shown counts.
 */
export class Traffic {
	up = 0;
	down = 0;
	/** How much of it was of devices behind stations. */
	readonly tethered = { up: 0, down: 0 };
	/** Zero-rated: not in the figures above. */
	readonly free = { up: 0, down: 0 };
	/** Meters whose counters have grown, for as long as somebody collects them. */
	moved: Set<MeterState> | undefined;

	noteUp(state: MeterState, bytes: number): void {
		if (bytes <= state.up) return;
		this.up += bytes - state.up;
		state.up = bytes;
		this.moved?.add(state);
	}

	noteDown(state: MeterState, bytes: number): void {
		if (bytes <= state.down) return;
		this.down += bytes - state.down;
		state.down = bytes;
		this.moved?.add(state);
	}

	/** The same of flows of devices behind the station: they are its traffic, too. */
	noteTethered(state: MeterState, direction: 'up' | 'down', bytes: number): void {
		if (bytes <= state.tethered[direction]) return;
		this[direction] += bytes - state.tethered[direction];
		this.tethered[direction] += bytes - state.tethered[direction];
		state.tethered[direction] = bytes;
		this.moved?.add(state);
	}

	noteFree(state: MeterState, direction: 'up' | 'down', bytes: number): void {
		if (bytes <= state.free[direction]) return;
		this.free[direction] += bytes - state.free[direction];
		state.free[direction] = bytes;
		this.moved?.add(state);
	}
}
