import { AMOUNT_MAX } from '../core/units.ts';
import { affordableEach, affordableTogether, type Tariff } from '../policy/tariff.ts';
import type { UsageAmounts } from './account.ts';
import type { AccountRow, AccountStore } from './account-store.ts';
import type { ItemStore } from './item-store.ts';
import type { Moment } from './moment.ts';
import type { PackageStore } from './package-store.ts';
import type { Purse, Source } from './purse.ts';
import type { SessionStore } from './session-store.ts';
import { paceKey } from './settlement.ts';
import { graceSource } from './settler.ts';
import type { TariffStore } from './tariff-store.ts';
import { isEmpty } from './wallet.ts';

/** What an account's open sessions could still use, by what would pay for it; as the ledger has it, so before what is unsettled. */
export type Funds = {
	/** Packages of its own and of its groups; reserved parts included. */
	readonly packages: UsageAmounts;
	/** What its money buys by its tariff, in the unit of the tariff. */
	readonly wallet: UsageAmounts;
	/** What may follow after the end. */
	readonly grace: UsageAmounts;
	/** What stands reserved now: of packages, of money by the tariff, and of grace. */
	readonly open: UsageAmounts;
	/**
	 * What is reserved next may be less than what is open: parts of it have different speeds, or several stations share a wallet that
	 * pays by steps, of which each may begin one.
	 */
	readonly isMixed: boolean;
	/** What its stations had of seconds that are not charged yet, in milliseconds. */
	readonly begunMs: number;
	/** How many stations may use it at once. Absent: no limit. */
	readonly stationsMax?: number;
};

export type FundsStores = {
	readonly accounts: AccountStore;
	readonly packages: PackageStore;
	readonly sessions: SessionStore;
	readonly tariffs: TariffStore;
	readonly items: ItemStore;
	readonly purse: Purse;
};

/** Looks up what an account could spend. Reads only. */
export function fundsOf(account: AccountRow, at: Moment, stores: FundsStores): Funds {
	const { purse, packages } = stores;
	const { sources } = purse.collect(account, at, false);
	const sums = { packages: none(), grace: none(), open: none() };
	for (const { unit, kind, remaining, reserved, hasEnded } of sources) {
		if (unit === 'micro') continue;
		const spendable = hasEnded !== true ? remaining : kind === 'grace' ? 0 : reserved;
		sums[kind === 'grace' ? 'grace' : 'packages'][unit] += spendable;
		sums.open[unit] += reserved;
	}
	const wallet = walletOf(account, sources, stores);
	const openTariff = account.wallet_open_tariff;
	if (openTariff !== null) sums.open[stores.tariffs.byNumber(openTariff).unit] += account.wallet_open;
	const last = account.grace === null ? graceSource(stores, account, undefined) : undefined;
	if (last?.grace_unit != null) sums.grace[last.grace_unit] += last.grace_amount ?? 0;
	const stationsMax = stationsMaxOf(sources, account, packages);
	const paces = new Set(sources.filter(({ remaining, hasEnded }) => remaining > 0 && hasEnded !== true).map(paceKey));
	return {
		...sums,
		isMixed: paces.size > 1 || wallet?.isStepped === true,
		begunMs: account.begun_ms,
		wallet: { byte: wallet?.unit === 'byte' ? wallet.units : 0, second: wallet?.unit === 'second' ? wallet.units : 0 },
		...(stationsMax === undefined ? {} : { stationsMax }),
	};
}

function walletOf(account: AccountRow, sources: readonly Source[], { sessions, tariffs, items }: FundsStores) {
	const money = sources.filter(({ unit }) => unit === 'micro');
	const number = account.tariff ?? money[0]?.tariff ?? account.wallet_open_tariff;
	if (number === null) return undefined;
	const tariff = tariffs.byNumber(number);
	const open = sessions.openOfAccount(account.number).map((session) => items.rated(session, tariff.unit, number));
	const funds = money.reduce((sum, { hasEnded, reserved, remaining }) => sum + (hasEnded ? reserved : remaining), 0);
	const isStepped = tariff.unit === 'byte' && Math.max(tariff.first, tariff.step) > 1 && open.length > 1 && funds > 0;
	return { unit: tariff.unit, units: unitsOf(tariff, open, funds), isStepped };
}

/** Without sessions: what the first one could use. */
function unitsOf(tariff: Tariff, sessions: readonly number[], funds: number): number {
	const used = sessions.length === 0 ? [0] : sessions;
	if (isEmpty(tariff, used, funds)) return 0;
	if (tariff.unit === 'byte') return affordableTogether(tariff, { used, funds, most: AMOUNT_MAX });
	return affordableEach(tariff, { used, funds, most: Math.floor(AMOUNT_MAX / used.length) }) * used.length;
}

/** The most that any package allows which it may spend; with nothing left, what the last one allowed. */
function stationsMaxOf(sources: readonly Source[], account: AccountRow, packages: PackageStore): number | undefined {
	const last = account.last_package === null ? undefined : packages.byBalance(account.last_package);
	const valid = sources.filter(({ hasEnded, kind }) => hasEnded !== true && kind !== 'grace');
	const counted = valid.length > 0 ? valid : last === undefined ? [] : [last];
	if (counted.length === 0 || counted.some(({ stations_max }) => stations_max === null)) return undefined;
	return Math.max(...counted.map(({ stations_max }) => stations_max ?? 0));
}

function none(): { byte: number; second: number } {
	return { byte: 0, second: 0 };
}
