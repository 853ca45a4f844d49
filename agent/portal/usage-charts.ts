import type { ChartModel } from '../../ui/portal/models.ts';
import type { AccountId, WallMs } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';

import { CHARTS_MAX, MOVEMENTS_MAX } from './limits.ts';

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** Reasons of transfers that are use, paid or not. */
const USAGE: readonly string[] = ['used', 'rated', 'lost_venue', 'included', 'throttled', 'overrun', 'zero_rated'];

export type UsageChartsOptions = {
	readonly ledger: Pick<Ledger, 'account' | 'history'>;
	readonly wallMs: () => WallMs;
};

/** Bytes of the last hours by account, made from the ledger's movements, and remembered until something else is booked. */
export class UsageCharts {
	readonly #options: UsageChartsOptions;
	/** With the hour and the booked bytes that they show; in the order in which they were made. */
	readonly #charts = new Map<AccountId, { readonly state: string; readonly chart: ChartModel }>();

	constructor(options: UsageChartsOptions) {
		this.#options = options;
	}

	/** @param openBytes used, and not booked yet: they belong to the present hour */
	of(account: AccountId, openBytes: number): ChartModel {
		const { hours } = this.#booked(account);
		return {
			hours: hours.map((hour, index) => (index === HOURS - 1 ? { ...hour, bytes: hour.bytes + openBytes } : hour)),
		};
	}

	#booked(account: AccountId): ChartModel {
		const { ledger, wallMs } = this.#options;
		const known = this.#charts.get(account);
		const state = `${Math.floor(wallMs() / HOUR_MS)} ${ledger.account(account)?.used.byte}`;
		if (known?.state === state) return known.chart;
		const chart = this.#make(account);
		this.#charts.delete(account);
		this.#charts.set(account, { state, chart });
		for (const oldest of this.#charts.keys()) {
			if (this.#charts.size <= CHARTS_MAX) break;
			this.#charts.delete(oldest);
		}
		return chart;
	}

	#make(account: AccountId): ChartModel {
		const { ledger, wallMs } = this.#options;
		const first = (Math.floor(wallMs() / HOUR_MS) - HOURS + 1) * HOUR_MS;
		const hours = Array.from({ length: HOURS }, (_, index) => ({ startWallMs: first + index * HOUR_MS, bytes: 0 }));
		for (const entry of ledger.history(account, { limit: MOVEMENTS_MAX })) {
			const hour = hours[Math.floor((entry.wallMs - first) / HOUR_MS)];
			if (hour && entry.unit === 'byte' && USAGE.includes(entry.reason)) hour.bytes += entry.amount;
		}
		return { hours };
	}
}
