import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { WallMs } from './units.ts';

/** Before this program was written no clock can be right: a router without a battery wakes up in 1970 or at its build date. */
export const EARLIEST_WALL_MS = Date.UTC(2026, 0, 1);
/** Beyond what NTP corrects in steps on a running system. */
const JUMP_MAX_MS = 3_600_000;

/**
 * What date it is, as far as it can be believed. Until the wall clock is known to be set there is none, and nothing expires by
 * date. Once it is, the boot clock carries it on: a wall clock that then jumps by more than an hour is reported, and not
 * followed until the next start.
 */
export class TrustedClock {
	readonly #clock: Clock;
	readonly #log: Log;
	/** Wall clock minus boot clock, when it was last believed. */
	#offsetMs: number | undefined;
	#jumped = false;

	constructor({ clock, log }: { clock: Clock; log: Log }) {
		this.#clock = clock;
		this.#log = log;
	}

	/** Milliseconds since 1970, or null while the clock is not known to be set. */
	wallMs(): WallMs | null {
		const wallMs = this.#clock.wallMs();
		const bootMs = this.#clock.bootMs();
		const offsetMs = wallMs - bootMs;
		if (this.#offsetMs === undefined) {
			if (wallMs < EARLIEST_WALL_MS) return null;
			this.#offsetMs = offsetMs;
		}
		if (Math.abs(offsetMs - this.#offsetMs) <= JUMP_MAX_MS) {
			this.#offsetMs = offsetMs;
			this.#jumped = false;
		} else if (!this.#jumped) {
			this.#jumped = true;
			this.#log.warn(
				{ bySeconds: Math.round((offsetMs - this.#offsetMs) / 1000) },
				'the wall clock jumped; expiry goes on by the boot clock. Restart the agent when the date is right',
			);
		}
		return (bootMs + this.#offsetMs) as WallMs;
	}

	/** Whether the wall clock has jumped and is not followed. */
	get jumped(): boolean {
		return this.#jumped;
	}
}
