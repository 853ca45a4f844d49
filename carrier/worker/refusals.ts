import type { Clock } from '../clock.ts';
import type { Refusal } from './door.ts';
import { SAY_EVERY_MS } from './hourly-log.ts';

export type Refused = { readonly ap: string | undefined; readonly reason: Refusal; readonly topic: string };

/** Access points and reasons of which it is remembered that they were noted; names of access points can be made up where the broker lets them. */
const REMEMBERED_MAX = 10_000;

/** Refusals that are to be stored: each access point and reason once an hour, however many there are. */
export class Refusals {
	readonly #clock: Pick<Clock, 'wallMs'>;
	#waiting: Refused[] = [];
	#noted = new Set<string>();
	#hour = 0;

	constructor(clock: Pick<Clock, 'wallMs'>) {
		this.#clock = clock;
	}

	get length(): number {
		return this.#waiting.length;
	}

	note(refused: Refused): void {
		const hour = Math.floor(this.#clock.wallMs() / SAY_EVERY_MS);
		if (hour !== this.#hour) this.#noted = new Set();
		this.#hour = hour;
		const key = `${refused.reason} ${refused.ap ?? ''}`;
		if (this.#noted.has(key) || this.#noted.size >= REMEMBERED_MAX) return;
		this.#noted.add(key);
		this.#waiting.push(refused);
	}

	/** Those that are not stored yet. */
	take(): Refused[] {
		return this.#waiting.splice(0);
	}
}
