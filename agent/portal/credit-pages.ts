import type { AlertModel, AmountModel, CostModel, LiveModel, PaceModel, WalletModel } from '../../ui/portal/models.ts';
import type { AccountId, MacAddress, Unit, UsageUnit } from '../core/units.ts';
import { validityTime } from '../ledger/moment.ts';
import type { Package } from '../ledger/package.ts';
import type { Requester } from '../session/requester.ts';
import type { StationRow } from '../status/protocol.ts';
import type { PageParts } from './page-parts.ts';

const USAGE_UNITS: readonly UsageUnit[] = ['byte', 'second'];
const UNITS: readonly Unit[] = [...USAGE_UNITS, 'micro'];
/** In what prices are named where no tariff says it. */
const PRICED: Readonly<Record<UsageUnit, number>> = { byte: 2 ** 20, second: 60 };

export type CreditPagesOptions = PageParts & {
	readonly currency: string;
	readonly zeroRated: {
		readonly names: readonly string[];
		readonly ipv4: readonly string[];
		readonly ipv6: readonly string[];
	};
};

type Asking = Pick<Requester, 'mac' | 'account'>;

/** What is left, of what, and what it costs: as of now. Reads only. */
export class CreditPages {
	readonly #options: CreditPagesOptions;

	constructor(options: CreditPagesOptions) {
		this.#options = options;
	}

	state(who: Asking): LiveModel['state'] {
		return stateOf(ownRow(who, this.#options.station));
	}

	live(who: Asking): LiveModel {
		const { ledger, row } = this.#options;
		const station = ownRow(who, row);
		const { account, remaining, upBytes, downBytes, upBytesPerSecond, downBytesPerSecond } = station;
		const state = stateOf(station);
		const base = {
			state,
			sessionBytes: upBytes + downBytes,
			upBytesPerSecond,
			downBytesPerSecond,
			...(station.own && { own: station.own }),
			...tetheredOf(station),
		} as const;
		if (account === undefined) return { ...base, low: [] };
		const packages = ledger.packages(account);
		const wallet = this.#wallet(account, packages);
		const more = { ...base, ...(wallet && { wallet }) };
		// At the rate of fair use nothing is counted down.
		if (remaining === undefined || state === 'throttled') return { ...more, low: [] };
		const { unit, amount } = remaining;
		const of = Math.max(amount, sum(packages, unit, 'amount') + boughtByWallet(unit, wallet, packages));
		const [first] = this.ownPackages(account);
		const current = first && { current: { unit: first.unit, amount: first.remaining } };
		const low = state === 'active' ? this.alerts(account).filter(({ isLow }) => isLow) : [];
		return { ...more, remaining: { unit, amount, of }, low, ...current };
	}

	/** What was bought or received, but money, less what is not booked yet: that will be taken from these in their order. */
	ownPackages(account: AccountId): Package[] {
		const { ledger, unbooked } = this.#options;
		const open = unbooked(account);
		// Of a member nobody knows yet whether the group pays.
		let left = open === undefined || open.isFree || ledger.groupsOf(account).length > 0 ? 0 : open.amount;
		return ledger
			.packages(account)
			.filter(({ unit, kind }) => unit !== 'micro' && kind !== 'share')
			.map((one) => {
				const taken = one.unit === open?.unit ? Math.min(left, one.remaining) : 0;
				left -= taken;
				return { ...one, remaining: one.remaining - taken };
			});
	}

	/** Undefined: the account has no money and never had. */
	wallet(account: AccountId): WalletModel | undefined {
		return this.#wallet(account, this.#options.ledger.packages(account));
	}

	alerts(account: AccountId): AlertModel[] {
		const { ledger, unbooked, moment } = this.#options;
		const alerts = ledger.alerts(account);
		if (alerts.length === 0) return [];
		const packages = ledger.packages(account).filter(({ kind }) => kind !== 'grace');
		const funds = ledger.funds(account, moment()).packages;
		const open = unbooked(account);
		// What a group's members have drawn, only the ledger adds up: there its word is waited for.
		const isAlone = !ledger.isInGroup(account);
		return alerts.map(({ id, unit, remaining, usedPercent, state }) => {
			const counted = open?.unit === unit && !open.isFree ? open.amount : 0;
			const left = unit === 'micro' ? sum(packages, 'micro', 'remaining') : Math.max(0, funds[unit] - counted);
			const total = Math.max(left, sum(packages, unit, 'amount'));
			const isCrossed =
				remaining === undefined ? (total - left) * 100 >= (usedPercent ?? 100) * total : left <= remaining;
			return {
				id,
				unit,
				left,
				...(remaining === undefined ? {} : { remaining }),
				...(usedPercent === undefined ? {} : { usedPercent }),
				// Of what there is nothing, the page that says so is another one.
				isLow: total > 0 && (state === 'raised' || (isAlone && state === 'armed' && isCrossed)),
				isRaised: state === 'raised',
			};
		});
	}

	/** What of its own an account could give by code. */
	giveable(account: AccountId): AmountModel[] {
		const { ledger } = this.#options;
		const own = [...this.ownPackages(account), ...ledger.packages(account).filter(({ unit }) => unit === 'micro')];
		const slices = new Set(ledger.carrier.slices(account).map(({ id }) => id));
		const given = own.filter(({ id, kind }) => kind !== 'grace' && kind !== 'share' && !slices.has(id));
		return amounts(UNITS.map((unit) => ({ unit, amount: sum(given, unit, 'remaining') })));
	}

	/** What a member could let others take, its part of the group's included. */
	shareable(account: AccountId): AmountModel[] {
		const { ledger, unbooked, moment } = this.#options;
		const { packages } = ledger.funds(account, moment());
		const open = unbooked(account);
		const used = (unit: UsageUnit) => (open?.unit === unit && !open.isFree ? open.amount : 0);
		// What is a slice of the platform's is nobody's to give here.
		const slices = ledger.carrier.slices(account).reduce((total, { remaining }) => total + remaining, 0);
		const usage = USAGE_UNITS.map((unit) => {
			return { unit, amount: packages[unit] - used(unit) - (unit === 'byte' ? slices : 0) };
		});
		return amounts([...usage, { unit: 'micro', amount: sum(ledger.packages(account), 'micro', 'remaining') }]);
	}

	/** What the next byte, or second, costs. */
	cost(who: Asking): CostModel {
		const { ledger, row, moment, unbooked, currency, zeroRated } = this.#options;
		const station = ownRow(who, row);
		const { account, remaining } = station;
		const state = stateOf(station);
		const free = { names: zeroRated.names, ranges: [...zeroRated.ipv4, ...zeroRated.ipv6] };
		const behind = tetheredOf(station).tethered;
		const limited = { ...(station.own && { own: station.own }), ...(behind && { tethered: behind.state }) };
		const base = { state, class: 'own', free, ...limited } as const;
		const nothing = { metered: false, price: { micro: 0, per: PRICED.byte, unit: 'byte', currency } } as const;
		if (account === undefined || remaining === undefined || remaining.unit === 'micro') {
			return { ...base, ...nothing, paidBy: 'nothing' };
		}
		const wallet = this.wallet(account);
		const more = { ...base, ...(wallet && { walletMicro: wallet.amount }) };
		if (state !== 'active') {
			const speed = state === 'throttled' ? throttleOf(ledger.endOf(account, validityTime(moment()))) : {};
			return { ...more, ...nothing, paidBy: state === 'throttled' ? 'fair-use' : 'nothing', ...speed };
		}
		const { unit } = remaining;
		const funds = ledger.funds(account, moment());
		const open = unbooked(account);
		const left = funds.packages[unit] - (open?.unit === unit ? open.amount : 0);
		const paidBy =
			left > 0 ? 'package' : funds.wallet[unit] > 0 ? 'wallet' : funds.grace[unit] > 0 ? 'grace' : 'package';
		const { tariff } = wallet ?? {};
		const isPriced = paidBy === 'wallet' && tariff !== undefined;
		const pace = ledger.packages(account).find((one) => one.unit === unit)?.pace;
		return {
			...more,
			metered: unit === 'byte',
			paidBy,
			price: { micro: isPriced ? tariff.priceMicro : 0, per: isPriced ? tariff.per : PRICED[unit], unit, currency },
			remaining,
			...(pace && paidBy === 'package' ? { speed: pace } : {}),
		};
	}

	#wallet(account: AccountId, packages: readonly Package[]): WalletModel | undefined {
		const { ledger, moment } = this.#options;
		const tariff = ledger.tariffOf(account);
		const amount = sum(packages, 'micro', 'remaining');
		if (tariff === undefined) return amount > 0 ? { amount } : undefined;
		const enough = ledger.funds(account, moment()).wallet[tariff.unit];
		return { amount, tariff, enough: { unit: tariff.unit, amount: enough } };
	}
}

/** A stranger's row, and that of a device whose session has ended meanwhile, say nothing of the account that its hardware address spends. */
function ownRow({ mac, account }: Asking, row: (mac: MacAddress) => StationRow): StationRow {
	const station = row(mac);
	if (account !== undefined && station.account === account) return station;
	const nothing = { upBytes: 0, downBytes: 0, upBytesPerSecond: 0, downBytesPerSecond: 0 };
	return { mac, addresses: [], device: '', state: 'walled', reason: 'a stranger', ...nothing };
}

/** What devices behind the station have used. */
function tetheredOf({ tethered }: StationRow): Pick<LiveModel, 'tethered'> {
	if (tethered === undefined) return {};
	const { upBytes, downBytes, state } = tethered;
	return { tethered: { bytes: upBytes + downBytes, state } };
}

function stateOf({ state }: StationRow): LiveModel['state'] {
	return state === 'active' || state === 'throttled' || state === 'blocked' ? state : 'walled';
}

/** What the money would have bought when it was whole: so the bar shrinks with it. */
function boughtByWallet(unit: Unit, wallet: WalletModel | undefined, packages: readonly Package[]): number {
	if (wallet?.enough?.unit !== unit || wallet.amount === 0) return 0;
	return Math.round((wallet.enough.amount * sum(packages, 'micro', 'amount')) / wallet.amount);
}

function throttleOf({ throttleBytesPerSecond: rate }: { throttleBytesPerSecond?: number }): { speed?: PaceModel } {
	return rate === undefined ? {} : { speed: { upBytesPerSecond: rate, downBytesPerSecond: rate } };
}

function sum(packages: readonly Package[], unit: Unit, field: 'amount' | 'remaining'): number {
	return packages.reduce((total, one) => total + (one.unit === unit ? one[field] : 0), 0);
}

function amounts(all: readonly AmountModel[]): AmountModel[] {
	return all.filter(({ amount }) => amount > 0);
}
