import type { MeterState } from './pool.ts';

/** Bytes forwarded since the agent started. Only grows: stations that left stay in it. */
export class Traffic {
	up = 0;
	down = 0;

	/** Takes in what a counter shows: readings may arrive out of their order, so the largest counts. */
	note(state: MeterState, { up = 0, down = 0 }: { up?: number; down?: number }): void {
		if (up > state.up) {
			this.up += up - state.up;
			state.up = up;
		}
		if (down > state.down) {
			this.down += down - state.down;
			state.down = down;
		}
	}
}
