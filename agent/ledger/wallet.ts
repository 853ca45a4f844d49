import type { UsageUnit } from '../core/units.ts';
import {
	affordable,
	affordableEach,
	affordableTogether,
	costEach,
	costOfMore,
	costTogether,
	type Tariff,
} from '../policy/tariff.ts';
import type { Part } from './allocation.ts';
import { hasExpired, paceKey, type SettlementPackage } from './settlement.ts';
import type { TariffRow } from './tariff-store.ts';

/** What a session has used under the tariff before. */
export type RatedSession = { readonly session: number; readonly rated: number };

/** A part of a session's use that the wallet pays. */
export type RatedUse = { readonly session: number; readonly units: number; readonly cost: number };

/**
 * Charges the wallet with what no package paid, by the tariff. Each session is rated by itself, so that its record explains its
 * price. What the funds do not cover stays unpaid.
 *
 * @param uses per session, in the tariff's unit
 * @param funds micro
 */
export function rateUse(
	tariff: TariffRow,
	{ uses, rated, funds }: { uses: readonly Part[]; rated: (session: number) => number; funds: number },
): RatedUse[] {
	let left = funds;
	const parts: RatedUse[] = [];
	for (const { of: session, amount } of uses) {
		const used = rated(session);
		const units = affordable(tariff, { used, funds: left, most: amount });
		const cost = costOfMore(tariff, used, units);
		left -= cost;
		if (units > 0) parts.push({ session, units, cost });
	}
	return parts;
}

/**
 * What the wallet shall reserve, so that the kernel may spend `wanted` more, and what that allows.
 * Bytes are shared by the sessions, in the worst case by the dearest; time is given to each alike.
 *
 * @param used by each open session under the tariff, after this charge
 * @param beside what packages allow of the same unit: nobody knows which session they will pay for
 */
export function rateReserve(
	tariff: TariffRow,
	{ used, funds, wanted, beside }: { used: readonly number[]; funds: number; wanted: number; beside: number },
): { readonly units: number; readonly micro: number } {
	if (used.length === 0 || wanted <= 0 || isEmpty(tariff, used, funds)) return { units: 0, micro: 0 };
	if (tariff.unit === 'byte') {
		const units = affordableTogether(tariff, { used, funds, most: wanted });
		return { units, micro: costTogether(tariff, used, units) };
	}
	const extra = used.length > 1 ? Math.floor(beside / used.length) : 0;
	const most = Math.floor(wanted / used.length) + extra;
	const each = Math.max(0, affordableEach(tariff, { used, funds, most }) - extra);
	return { units: each * used.length, micro: each === 0 ? 0 : costEach(tariff, used, each + extra) };
}

/** Without money there is no free part either; but what was begun and paid may be used up. */
export function isEmpty({ free }: Tariff, used: readonly number[], funds: number): boolean {
	return funds <= 0 && (used.length === 0 || used.some((each) => each <= free));
}

/** Funds that can pay what was used: reserved parts too, and of an expired package only those. */
export function fundsToPay(packages: readonly SettlementPackage[], validityMs: number | null): number {
	return packages.reduce(
		(sum, package_) => sum + (hasExpired(package_, validityMs) ? package_.reserved : package_.remaining),
		0,
	);
}

/** Funds that can be reserved together: unexpired, and of one pace. @param pace of what is reserved beside them */
export function fundsToReserve(
	packages: readonly (SettlementPackage & { readonly left: number })[],
	{ pace, validityMs }: { pace: string | undefined; validityMs: number | null },
): number {
	const valid = packages.filter((package_) => !hasExpired(package_, validityMs) && package_.left > 0);
	const [first] = valid;
	if (first === undefined || (pace !== undefined && paceKey(first) !== pace)) return 0;
	const wanted = paceKey(first);
	return valid.reduce((sum, package_) => sum + (paceKey(package_) === wanted ? package_.left : 0), 0);
}

/** A tariff counts one of the two. */
export function usageOf(unit: UsageUnit, amount: number): Record<UsageUnit, number> {
	return { byte: unit === 'byte' ? amount : 0, second: unit === 'second' ? amount : 0 };
}
