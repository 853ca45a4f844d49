import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';

/** Whoever floods us, or a fault that stays, gets one line in the log an hour for each thing that is said: all are counted elsewhere. */
export const SAY_EVERY_MS = 3_600_000;

/** A log for what others cause. What is said must come from a closed list, so that nothing grows with what they send. */
export class HourlyLog {
	readonly #log: Log;
	readonly #clock: Clock;
	readonly #said = new Map<string, { atMs: number; unsaid: number }>();

	constructor(log: Log, clock: Clock) {
		this.#log = log;
		this.#clock = clock;
	}

	/**
	 * `unsaid` in the line: how often this was so since the line before.
	 *
	 * @param reason distinguishes lines of one message
	 * @returns whether it was said
	 */
	say(level: 'info' | 'warn' | 'error', message: string, fields: object, reason = ''): boolean {
		const nowMs = this.#clock.wallMs();
		const key = `${message} ${reason}`;
		const last = this.#said.get(key);
		// A clock that was set back must not silence us.
		if (last !== undefined && nowMs >= last.atMs && nowMs - last.atMs < SAY_EVERY_MS) {
			last.unsaid += 1;
			return false;
		}
		this.#said.set(key, { atMs: nowMs, unsaid: 0 });
		this.#log[level](last === undefined || last.unsaid === 0 ? fields : { ...fields, unsaid: last.unsaid }, message);
		return true;
	}
}
