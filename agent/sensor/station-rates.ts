import type { Clock } from '../core/clock.ts';
import type { MacAddress } from '../core/units.ts';

/** A busy station opens some tens of connections a second, for a moment; the signs of the first ones say it all. */
const FRAMES_PER_SECOND_MAX = 50;
/** Invented hardware addresses: those beyond it wait for the next second. */
const STATIONS_MAX = 4096;

/** Lets one station not take the attention from the others. */
export class StationRates {
	readonly #clock: Pick<Clock, 'bootMs'>;
	readonly #counts = new Map<MacAddress, number>();
	#second = 0;
	/** Frames that were passed over. */
	shed = 0;

	constructor(clock: Pick<Clock, 'bootMs'>) {
		this.#clock = clock;
	}

	admits(station: MacAddress): boolean {
		const second = Math.floor(this.#clock.bootMs() / 1000);
		if (second !== this.#second) {
			this.#second = second;
			this.#counts.clear();
		}
		const count = (this.#counts.get(station) ?? 0) + 1;
		if (count > FRAMES_PER_SECOND_MAX || (count === 1 && this.#counts.size >= STATIONS_MAX)) {
			this.shed++;
			return false;
		}
		this.#counts.set(station, count);
		return true;
	}
}
