import type { LedgerOverview } from '../ledger/overview.ts';
import type { Sold } from '../status/snapshot.ts';

/** What was sold since midnight, read anew only after something was bought or the day has changed. */
export class SalesOfToday {
	readonly #overview: LedgerOverview;
	#sequence = -1;
	#sold: Sold | undefined;

	constructor(overview: LedgerOverview) {
		this.#overview = overview;
	}

	read(wallMs: number): Sold {
		const sinceMs = beginOfDay(wallMs);
		const newest = this.#overview.newest();
		if (this.#sold?.sinceMs === sinceMs && !this.#isOutdated(newest)) return this.#sold;
		this.#sequence = newest;
		const plans = this.#overview.salesSince(sinceMs);
		const sum = (unit: 'byte' | 'second') =>
			plans.reduce((total, row) => total + (row.unit === unit ? row.amount : 0), 0);
		const count = plans.reduce((total, row) => total + row.count, 0);
		this.#sold = { sinceMs, count, byte: sum('byte'), second: sum('second'), plans };
		return this.#sold;
	}

	forget(): void {
		this.#sold = undefined;
		this.#sequence = -1;
	}

	#isOutdated(newest: number): boolean {
		if (newest === this.#sequence) return false;
		const bought = this.#overview.hasPurchaseSince(this.#sequence);
		this.#sequence = newest;
		return bought;
	}
}

/** By the time zone of the router. */
function beginOfDay(wallMs: number): number {
	return new Date(wallMs).setHours(0, 0, 0, 0);
}
