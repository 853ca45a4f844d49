import type { Bytes, Seconds, Unit, WallMs } from '../core/units.ts';
import type { Amounts } from './account.ts';
import type { LivePackage } from './package-store.ts';
import type { Grant, SettleResult } from './settle.ts';
import { hasExpired, type Move, type Settlement } from './settlement.ts';

export type SettleOutcome = {
	readonly used: Amounts;
	readonly settled: Settlement<LivePackage>;
	readonly grants: readonly Grant[];
	readonly overrun: Amounts;
	readonly trustedWallMs: number | null;
	readonly written: boolean;
};

/** What the caller of a settle is told. */
export function settleResult(outcome: SettleOutcome): SettleResult {
	const { used, settled, grants, overrun, trustedWallMs, written } = outcome;
	const granted = { byte: 0, second: 0 };
	const available = { byte: 0, second: 0 };
	for (const move of settled.moves) {
		granted[move.package.unit] += move.reserved;
		if (!hasExpired(move.package, trustedWallMs)) available[move.package.unit] += move.remaining - move.reserved;
	}
	return {
		written,
		usedBytes: used.byte as Bytes,
		usedSeconds: used.second as Seconds,
		paidBytes: settled.paid.byte as Bytes,
		paidSeconds: settled.paid.second as Seconds,
		unpaidBytes: (used.byte - settled.paid.byte) as Bytes,
		unpaidSeconds: (used.second - settled.paid.second) as Seconds,
		overrunBytes: overrun.byte as Bytes,
		overrunSeconds: overrun.second as Seconds,
		granted,
		available,
		grants,
		expired: settled.expired,
	};
}

export function grantOf(id: string, move: Move<LivePackage>): Grant {
	const unit: Unit = move.package.unit;
	const expiresAtWallMs: WallMs | null = move.package.expiresAtWallMs;
	const grant = { id, package: move.package.id, unit, amount: move.reserved };
	return expiresAtWallMs === null ? grant : { ...grant, expiresAtWallMs };
}
