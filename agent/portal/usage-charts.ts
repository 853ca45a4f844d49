import type { ChartModel } from '../../ui/portal/models.ts';
import type { AccountId, BootMs, WallMs } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { isUsage } from './account-pages.ts';
import { CHART_AGE_MAX_MS, CHARTS_MAX, MOVEMENTS_MAX } from './limits.ts';

const HOUR_MS = 3_600_000;
const HOURS = 24;

export type UsageChartsOptions = {
	readonly ledger: Pick<Ledger, 'history'>;
	readonly wallMs: () => WallMs;
	readonly bootMs: () => BootMs;
};

/** Bytes of the last hours by account, made from the ledger's movements, and remembered for a moment. */
export class UsageCharts {
	readonly #options: UsageChartsOptions;
	/** In the order in which they were made. */
	readonly #charts = new Map<AccountId, { readonly madeMs: number; readonly chart: ChartModel }>();

	constructor(options: UsageChartsOptions) {
		this.#options = options;
	}

	of(account: AccountId): ChartModel {
		const now = this.#options.bootMs();
		const known = this.#charts.get(account);
		if (known && now - known.madeMs < CHART_AGE_MAX_MS) return known.chart;
		const chart = this.#make(account);
		this.#charts.delete(account);
		this.#charts.set(account, { madeMs: now, chart });
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
			if (hour && entry.unit === 'byte' && isUsage(entry)) hour.bytes += entry.amount;
		}
		return { hours };
	}
}
