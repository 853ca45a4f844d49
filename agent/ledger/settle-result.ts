import type { Bytes, MeterId, Seconds } from '../core/units.ts';
import { noAmounts, type UsageAmounts } from './account.ts';
import type { ItemStore } from './item-store.ts';
import { classesOf, type LivePackage, paceOf } from './package-row.ts';
import type { Source } from './purse.ts';
import type { ClassUse, Grant, SettleResult } from './settle.ts';
import type { SettlePlan } from './settle-plan.ts';
import { hasExpired, type Move } from './settlement.ts';

export type SettleOutcome = {
	readonly used: UsageAmounts & { readonly followed: ReadonlyMap<MeterId, string> };
	readonly planned: SettlePlan;
	readonly grants: readonly Grant[];
	readonly overrun: UsageAmounts;
	readonly validityMs: number | null;
	readonly written: boolean;
	readonly items: Pick<ItemStore, 'own' | 'tethered'>;
};

/** What the caller of a settle is told. */
export function settleResult(outcome: SettleOutcome): SettleResult {
	const { used, planned, grants, overrun, validityMs, written, items } = outcome;
	const { usage, wallet, ratedUses, openTariff } = planned;
	const moves = [...usage.moves, ...wallet.moves];
	const available = noAmounts();
	for (const move of moves) {
		if (hasExpired(move.package, validityMs) || move.package.kind === 'grace') continue;
		available[move.package.unit] += move.remaining - move.reserved;
	}
	const rated = ratedUses.reduce((sum, { units }) => sum + units, 0);
	const paidBytes = usage.paid.byte + (openTariff?.unit === 'byte' ? rated : 0);
	const paidSeconds = usage.paid.second + (openTariff?.unit === 'second' ? rated : 0);
	const last = moves.findLast((move) => move.reserved > 0)?.package;
	const pace = last && paceOf(last);
	return {
		written,
		usedBytes: used.byte as Bytes,
		usedSeconds: used.second as Seconds,
		paidBytes: paidBytes as Bytes,
		paidSeconds: paidSeconds as Seconds,
		costMicro: wallet.paid.micro,
		unpaidBytes: (used.byte - paidBytes) as Bytes,
		unpaidSeconds: (used.second - paidSeconds) as Seconds,
		overrunBytes: overrun.byte as Bytes,
		overrunSeconds: overrun.second as Seconds,
		granted: planned.granted,
		available,
		grants,
		expired: {
			byte: usage.expired.byte,
			second: usage.expired.second,
			micro: wallet.expired.micro,
		},
		...(pace === undefined ? {} : { pace }),
		...(last === undefined ? {} : { own: useOf(last, 'own', items), tethered: useOf(last, 'tethered', items) }),
		...(used.followed.size === 0 ? {} : { followed: used.followed }),
		inGrace: moves.some((move) => move.reserved > 0 && move.package.kind === 'grace'),
	};
}

function useOf(spent: LivePackage, of: 'own' | 'tethered', items: SettleOutcome['items']): ClassUse {
	const policy = classesOf(spent)[of];
	return { package: spent.id, usedBytes: items[of](spent.balance), ...(policy === undefined ? {} : { policy }) };
}

export function grantOf(id: string, { package: source, reserved }: Move<Source>): Grant {
	const { expiresAtWallMs, unit } = source;
	const grant = { id, package: source.id, unit, amount: reserved };
	return expiresAtWallMs === null ? grant : { ...grant, expiresAtWallMs };
}
