import type { DeviceModel, EndModel, LiveModel, MovementModel, StatusModel, WhyModel } from '../../ui/portal/models.ts';
import type { AccountId, MacAddress, Unit, WallMs } from '../core/units.ts';
import type { HistoryEntry } from '../ledger/history.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { StationRow } from '../status/protocol.ts';
import type { CustomerSettings } from './customer-settings.ts';
import { MOVEMENTS_MAX } from './limits.ts';
import type { UsageCharts } from './usage-charts.ts';

export type AccountPagesOptions = {
	readonly ledger: Pick<Ledger, 'account' | 'packages' | 'history'>;
	readonly row: (mac: MacAddress) => StationRow;
	/** The stations that are attached to an account. */
	readonly stationsOf: (account: AccountId) => readonly MacAddress[];
	readonly settings: CustomerSettings;
	readonly charts: UsageCharts;
	/** A plan's title for people, by its name. */
	readonly planTitle: (name: string) => string;
	readonly clockIsSet: () => boolean;
	readonly wallMs: () => WallMs;
};

/** What the pages about an account show, from the ledger and the meter. Reads only. */
export class AccountPages {
	readonly #options: AccountPagesOptions;

	constructor(options: AccountPagesOptions) {
		this.#options = options;
	}

	live(mac: MacAddress): LiveModel {
		const { ledger, row, settings } = this.#options;
		const { state, account, remaining, upBytes, downBytes, upBytesPerSecond, downBytesPerSecond } = row(mac);
		const base = {
			state: state === 'active' || state === 'throttled' || state === 'blocked' ? state : 'walled',
			sessionBytes: upBytes + downBytes,
			upBytesPerSecond,
			downBytesPerSecond,
		} as const;
		// At the rate of fair use nothing is counted down.
		if (account === undefined || remaining === undefined || state === 'throttled') return { ...base, isLow: false };
		const { unit, amount } = remaining;
		const packages = ledger.packages(account);
		const bought = packages.reduce((sum, one) => sum + (one.unit === unit ? one.amount : 0), 0);
		const of = Math.max(bought, amount);
		const isLow = state === 'active' && amount * 100 < of * settings.alertPercent(account);
		const [first] = packages;
		const held = packages.reduce((sum, one) => sum + (one.unit === unit ? one.remaining : 0), 0);
		const taken = first?.unit === unit ? Math.max(0, held - amount) : 0;
		const current = first && { current: { unit: first.unit, amount: Math.max(0, first.remaining - taken) } };
		return { ...base, remaining: { unit, amount, of }, isLow, ...current };
	}

	status(mac: MacAddress, account: AccountId): StatusModel {
		const { ledger, charts, planTitle, clockIsSet } = this.#options;
		const open = this.#open(mac, account);
		let left = open?.amount ?? 0;
		return {
			...this.live(mac),
			// What is not booked yet will be taken from these, in this order.
			packages: ledger.packages(account).map(({ planName, unit, amount, remaining, expiresAtWallMs }) => {
				const taken = unit === open?.unit ? Math.min(left, remaining) : 0;
				left -= taken;
				return {
					plan: planTitle(planName),
					unit,
					amount,
					remaining: remaining - taken,
					...(expiresAtWallMs === undefined ? {} : { expiresAtWallMs }),
				};
			}),
			devices: this.devices(mac, account),
			chart: charts.of(account, open?.unit === 'byte' ? open.amount : 0),
			clockIsSet: clockIsSet(),
		};
	}

	/** Why the account has come to its end: what its newest movements say. */
	end(account: AccountId): EndModel {
		const { ledger, planTitle } = this.#options;
		if (ledger.account(account)?.blocked) return { cause: 'blocked' };
		const history = ledger.history(account, { limit: MOVEMENTS_MAX });
		const last = history.find(
			({ reason, planName }) => planName !== undefined && (reason === 'used' || reason === 'expired'),
		);
		if (last?.planName === undefined) return { cause: 'nothing' };
		const plan = planTitle(last.planName);
		if (last.reason === 'expired') return { cause: 'expired', plan, unit: last.unit, amount: last.amount };
		const bought = history.find((one) => one.reason === 'topup' && one.package === last.package);
		const used = history.reduce(
			(sum, one) => sum + (one.reason === 'used' && one.package === last.package ? one.amount : 0),
			0,
		);
		return { cause: 'used', plan, unit: last.unit, amount: bought?.amount ?? used };
	}

	devices(mac: MacAddress, account: AccountId): DeviceModel[] {
		const { row, stationsOf, settings } = this.#options;
		return stationsOf(account).map((one) => {
			const { name: ownName, upBytes, downBytes } = row(one);
			const name = settings.deviceName(one) ?? ownName;
			return { mac: one, isThis: one === mac, usedBytes: upBytes + downBytes, ...(name === undefined ? {} : { name }) };
		});
	}

	/** Newest first; in front what the kernel has counted since the last entry. */
	movements(mac: MacAddress, account: AccountId): MovementModel[] {
		const { ledger, planTitle, wallMs } = this.#options;
		const open = this.#open(mac, account);
		const booked = ledger
			.history(account, { limit: MOVEMENTS_MAX })
			.map(({ wallMs, reason, unit, amount, planName }) => ({
				wallMs,
				reason,
				unit,
				amount,
				...(planName === undefined ? {} : { plan: planTitle(planName) }),
			}));
		return open ? [{ wallMs: wallMs(), reason: 'open', ...open }, ...booked] : booked;
	}

	/** For each unit a tree: what was used, by the package that paid, or by the reason why nobody did. */
	why(mac: MacAddress, account: AccountId): WhyModel[] {
		const open = this.#open(mac, account);
		const { ledger, planTitle } = this.#options;
		const history = ledger.history(account, { limit: MOVEMENTS_MAX });
		return (['byte', 'second'] as const).flatMap((unit) => {
			const used = history.filter((one) => one.unit === unit && isUsage(one));
			const openHere = open?.unit === unit ? open : undefined;
			if (used.length === 0 && !openHere) return [];
			const paid = sums(used.filter(isPaid), ({ planName }) => planTitle(planName ?? '')).map(([plan, amount]) => ({
				plan,
				amount,
			}));
			const unpaid = sums(
				used.filter((one) => !isPaid(one)),
				({ reason }) => reason,
			).map(([reason, amount]) => ({ reason, amount }));
			if (openHere) addTo(paid, openHere);
			return [{ unit, amount: (openHere?.amount ?? 0) + used.reduce((sum, one) => sum + one.amount, 0), paid, unpaid }];
		});
	}
	/** What the kernel has counted and the ledger has not booked, with the package that it will be taken from. */
	#open(mac: MacAddress, account: AccountId): { unit: Unit; amount: number; plan: string } | undefined {
		const { ledger, row, planTitle } = this.#options;
		const { remaining, state } = row(mac);
		const found = ledger.account(account);
		if (!remaining || !found || state === 'throttled') return undefined;
		const { unit } = remaining;
		const amount = found.available[unit] + found.reserved[unit] - remaining.amount;
		const next = ledger.packages(account).find((one) => one.unit === unit);
		return amount > 0 && next ? { unit, amount, plan: planTitle(next.planName) } : undefined;
	}
}

/** To the branch of its plan, or as a new one. */
function addTo(paid: { plan: string; amount: number }[], { plan, amount }: { plan: string; amount: number }): void {
	const branch = paid.find((one) => one.plan === plan);
	if (branch) branch.amount += amount;
	else paid.unshift({ plan, amount });
}

const PAID: readonly string[] = ['used', 'lost_venue'];
const UNPAID: readonly string[] = ['included', 'throttled', 'overrun', 'zero_rated'];

function isPaid({ reason }: HistoryEntry): boolean {
	return PAID.includes(reason);
}

export function isUsage({ reason }: HistoryEntry): boolean {
	return PAID.includes(reason) || UNPAID.includes(reason);
}

/** Amounts added up by a name, in the order in which the names come. */
function sums(entries: readonly HistoryEntry[], nameOf: (entry: HistoryEntry) => string): [string, number][] {
	const found = new Map<string, number>();
	for (const entry of entries) found.set(nameOf(entry), (found.get(nameOf(entry)) ?? 0) + entry.amount);
	return [...found];
}
