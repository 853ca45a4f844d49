import type { FaultNature } from '../database/sqlstates.ts';

/** What goes by itself is asked again soon: a server that restarts is back within seconds. */
const PASSING_MS = 1000;
/** What somebody must mend: doubled each time, up to this. He has mended it for at most so long before we know. */
const LASTING_MS_MAX = 30_000;

/** How long to wait before the database is asked again. Spread by a half, so that a hundred workers do not come back in one moment. */
export class RetryWait {
	readonly #random: () => number;
	#lasting = 0;

	constructor(random: () => number) {
		this.#random = random;
	}

	/** It was taken: the next fault begins anew. */
	over(): void {
		this.#lasting = 0;
	}

	/** @param nature undefined: of an error that we do not know */
	next(nature: FaultNature | undefined): number {
		if (nature !== 'lasting') this.#lasting = 0;
		const longestMs =
			nature === 'lasting' ? Math.min(LASTING_MS_MAX, 2 * PASSING_MS * 2 ** Math.min(this.#lasting++, 10)) : PASSING_MS;
		return Math.round(longestMs / 2 + (longestMs / 2) * this.#random());
	}
}
