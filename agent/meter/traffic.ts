import type { MeterState } from './pool.ts';

/**
 * Bytes forwarded since the agent started. Only grows: stations that left stay in it. Readings may arrive out of their order,
 * so the largest that a meter has shown counts.
 */
export class Traffic {
	up = 0;
	down = 0;

	noteUp(state: MeterState, bytes: number): void {
		if (bytes <= state.up) return;
		this.up += bytes - state.up;
		state.up = bytes;
	}

	noteDown(state: MeterState, bytes: number): void {
		if (bytes <= state.down) return;
		this.down += bytes - state.down;
		state.down = bytes;
	}
}
