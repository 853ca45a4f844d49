import type { Bytes, MeterId, Seconds } from '../core/units.ts';
import { noAmounts, type UsageAmounts } from './account.ts';
import { paceOf, tetheredOf } from './package-row.ts';
import type { Source } from './purse.ts';
import type { Grant, SettleResult } from './settle.ts';
import type { SettlePlan } from './settle-plan.ts';
import { hasExpired, type Move } from './settlement.ts';

export type SettleOutcome = {
	readonly used: UsageAmounts & { readonly followed: ReadonlyMap<MeterId, string> };
	readonly planned: SettlePlan;
	readonly grants: readonly Grant[];
	readonly overrun: UsageAmounts;
	readonly trustedWallMs: number | null;
	readonly written: boolean;
	/** How many tethered bytes passed while a package was being spent. */
	readonly tetheredOf: (balance: number) => number;
};

/** What the caller of a settle is told. */
export function settleResult(outcome: SettleOutcome): SettleResult {
	const { used, planned, grants, overrun, trustedWallMs, written, tetheredOf: tetheredBytesOf } = outcome;
	const { usage, wallet, ratedUses, openTariff } = planned;
	const moves = [...usage.moves, ...wallet.moves];
	const available = noAmounts();
	for (const move of moves) {
		if (hasExpired(move.package, trustedWallMs) || move.package.kind === 'grace') continue;
		available[move.package.unit] += move.remaining - move.reserved;
	}
	const rated = ratedUses.reduce((sum, { units }) => sum + units, 0);
	const paidBytes = usage.paid.byte + (openTariff?.unit === 'byte' ? rated : 0);
	const paidSeconds = usage.paid.second + (openTariff?.unit === 'second' ? rated : 0);
	const last = moves.findLast((move) => move.reserved > 0)?.package;
	const pace = last && paceOf(last);
	const policy = last && tetheredOf(last);
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
		...(last === undefined
			? {}
			: {
					tethered: {
						package: last.id,
						usedBytes: tetheredBytesOf(last.balance),
						...(policy === undefined ? {} : { policy }),
					},
				}),
		...(used.followed.size === 0 ? {} : { followed: used.followed }),
		inGrace: moves.some((move) => move.reserved > 0 && move.package.kind === 'grace'),
	};
}

export function grantOf(id: string, { package: source, reserved }: Move<Source>): Grant {
	const { expiresAtWallMs, unit } = source;
	const grant = { id, package: source.id, unit, amount: reserved };
	return expiresAtWallMs === null ? grant : { ...grant, expiresAtWallMs };
}
