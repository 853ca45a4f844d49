import type { Unit, UsageUnit } from '../core/units.ts';
import { noAmounts, type UsageAmounts } from './account.ts';
import { allocate, type Part, type Share } from './allocation.ts';
import type { Source } from './purse.ts';
import { type Settlement, settlement } from './settlement.ts';
import type { TariffRow } from './tariff-store.ts';
import { fundsToPay, fundsToReserve, type RatedUse, rateReserve, rateUse, usageOf } from './wallet.ts';

/** What a session has used since its checkpoint; `tethered` bytes are a part of `byte`. */
export type SessionUse = {
	readonly session: number;
	readonly byte: number;
	readonly second: number;
	readonly tethered: number;
};

export type PlanRequest = {
	/** In spending order. */
	readonly sources: readonly Source[];
	readonly sessions: readonly SessionUse[];
	/** Every open session that may spend what is reserved. */
	readonly spenders: readonly number[];
	/** The bytes are not charged. */
	readonly isFree: boolean;
	/** What exceeds the open grants is not charged. */
	readonly grantsOnly: boolean;
	readonly reserve: UsageAmounts;
	readonly least?: UsageAmounts | undefined;
	/** Grants stay, less what was used of them. */
	readonly keep: boolean;
	/** By which money is reserved. */
	readonly tariff: TariffRow | undefined;
	/** By which what was granted before is charged. */
	readonly openTariff: TariffRow | undefined;
	/** What a session has used under a tariff before. */
	readonly rated: (session: number, tariff: TariffRow) => number;
	readonly validityMs: number | null;
};

/** Everything that a settle changes, before anything is written. */
export type SettlePlan = {
	/** Packages of bytes and seconds. */
	readonly usage: Settlement<Source>;
	/** Packages of money. */
	readonly wallet: Settlement<Source>;
	/** What the wallet pays, by session. */
	readonly ratedUses: readonly RatedUse[];
	readonly granted: UsageAmounts;
	/** The part of it that money pays. */
	readonly walletUnits: number;
	readonly tariff: TariffRow | undefined;
	/** By which `ratedUses` were charged. */
	readonly openTariff: TariffRow | undefined;
	/** Which package paid for which session. */
	readonly shares: readonly (Share & { readonly unit: Unit })[];
	/** What nobody paid. */
	readonly unpaid: readonly (Part & { readonly unit: UsageUnit })[];
};

/**
 * Splits what was used over packages and wallet, and reserves anew. Pure. Packages first; what they do not cover is rated by
 * the tariff and taken from the wallet; in the same order it is reserved.
 */
export function planSettle(request: PlanRequest): SettlePlan {
	const { sources, sessions, isFree, reserve, openTariff, validityMs } = request;
	// What is kept was granted by the tariff of that day.
	const tariff = request.keep ? openTariff : request.tariff;
	const charged = sessions.map((use) => (isFree ? { ...use, byte: 0 } : use));
	const total = (unit: UsageUnit) => charged.reduce((sum, use) => sum + use[unit], 0);
	const usage = settlement({
		packages: sources.filter(({ unit }) => unit !== 'micro'),
		used: { byte: total('byte'), second: total('second'), micro: 0 },
		reserve: { ...reserve, micro: 0 },
		...(request.least === undefined ? {} : { least: request.least }),
		validityMs,
		keep: request.keep,
		grantsOnly: request.grantsOnly,
	});
	const byUnit = { byte: paidOf(charged, usage, 'byte'), second: paidOf(charged, usage, 'second') };
	const wallet = planWallet({ ...request, tariff }, { usage, byUnit });
	const unpaid = (['byte', 'second'] as const).flatMap((unit) =>
		(unit === openTariff?.unit ? wallet.unpaid : byUnit[unit].unpaid).map((part) => ({ ...part, unit })),
	);
	const granted = { byte: 0, second: 0, micro: 0 };
	for (const move of usage.moves) granted[move.package.unit] += move.reserved;
	return {
		usage,
		wallet: wallet.settled,
		ratedUses: wallet.ratedUses,
		tariff,
		openTariff,
		walletUnits: wallet.units.byte + wallet.units.second,
		granted: { byte: granted.byte + wallet.units.byte, second: granted.second + wallet.units.second },
		shares: [
			...byUnit.byte.shares.map((share) => ({ ...share, unit: 'byte' as const })),
			...byUnit.second.shares.map((share) => ({ ...share, unit: 'second' as const })),
			...wallet.shares.map((share) => ({ ...share, unit: 'micro' as const })),
		],
		unpaid,
	};
}

function paidOf(sessions: readonly SessionUse[], settled: Settlement<Source>, unit: Unit) {
	const uses = sessions.map((use) => ({ of: use.session, amount: unit === 'micro' ? 0 : use[unit] }));
	return allocate(uses, paymentsOf(settled, unit));
}

/** Grants pay before the rest of any package does, but for a record only the sum of each counts. */
function paymentsOf(settled: Settlement<Source>, unit: Unit): Part[] {
	return settled.moves
		.filter((move) => move.package.unit === unit)
		.map(({ package: { balance }, posted, taken }) => ({ of: balance, amount: posted + taken }));
}

const NOTHING_SETTLED: Settlement<Source> = {
	moves: [],
	paid: noAmounts(),
	unpaid: noAmounts(),
	expired: noAmounts(),
	lastSpent: undefined,
	pace: undefined,
};

type Usage = { usage: Settlement<Source>; byUnit: Record<UsageUnit, ReturnType<typeof paidOf>> };

function planWallet(request: PlanRequest, { usage, byUnit }: Usage) {
	const { tariff, openTariff, validityMs } = request;
	const packages = request.sources.filter(({ unit }) => unit === 'micro');
	const settle = (used: number, reserve: number) =>
		settlement({
			packages,
			used: { ...noAmounts(), micro: used },
			reserve: { ...noAmounts(), micro: reserve },
			validityMs,
			keep: request.keep,
		});
	if (tariff === undefined || openTariff === undefined) {
		const settled = packages.length === 0 ? NOTHING_SETTLED : settle(0, 0);
		return { settled, ratedUses: [], units: usageOf('byte', 0), shares: [], unpaid: [] };
	}
	const { unpaid } = byUnit[openTariff.unit];
	const ratedBefore = (session: number) => request.rated(session, openTariff);
	const funds = fundsToPay(packages, validityMs);
	const ratedUses = rateUse(openTariff, { uses: request.grantsOnly ? [] : unpaid, rated: ratedBefore, funds });
	const cost = ratedUses.reduce((sum, use) => sum + use.cost, 0);
	const now = new Map(ratedUses.map(({ session, units }) => [session, units]));
	const left = settle(cost, 0).moves.map((move) => ({ ...move.package, left: move.remaining }));
	const { units, micro } = request.keep
		? { units: openUnits(request, tariff, usage), micro: 0 }
		: reserveFor(request, tariff, { usage, left, now });
	const settled = settle(cost, micro);
	const uses = ratedUses.map((use) => ({ of: use.session, amount: use.cost }));
	return {
		settled,
		ratedUses,
		units: usageOf(tariff.unit, units),
		shares: allocate(uses, paymentsOf(settled, 'micro')).shares,
		unpaid: unpaidAfter(unpaid, now),
	};
}

/** What the kernel still has of what money pays for: the grants of packages keep the rest. */
function openUnits({ reserve }: PlanRequest, { unit }: TariffRow, usage: Settlement<Source>): number {
	return Math.max(0, reserve[unit] - reservedOf(usage, unit));
}

function reservedOf({ moves }: Settlement<Source>, unit: UsageUnit): number {
	return moves.filter((move) => move.package.unit === unit).reduce((sum, move) => sum + move.reserved, 0);
}

/** What packages do not cover of the wanted reservation, as far as the money goes. */
function reserveFor(
	{ reserve, least, spenders, rated, openTariff, validityMs }: PlanRequest,
	tariff: TariffRow,
	{ usage, left, now }: { usage: Settlement<Source>; left: readonly (Source & { left: number })[]; now: Rated },
) {
	const { unit } = tariff;
	const beside = reservedOf(usage, unit);
	const pace = beside >= (least?.[unit] ?? 0) ? usage.pace : undefined;
	const isSame = openTariff?.number === tariff.number;
	return rateReserve(tariff, {
		used: spenders.map((session) => rated(session, tariff) + (isSame ? (now.get(session) ?? 0) : 0)),
		funds: fundsToReserve(left, { pace, validityMs }),
		wanted: reserve[unit] - beside,
		beside,
	});
}

type Rated = ReadonlyMap<number, number>;

function unpaidAfter(unpaid: readonly Part[], rated: ReadonlyMap<number, number>): Part[] {
	return unpaid
		.map(({ of, amount }) => ({ of, amount: amount - (rated.get(of) ?? 0) }))
		.filter(({ amount }) => amount > 0);
}
