import type { Unit } from '../core/units.ts';

/** What decides the order in which an account's packages are spent. */
export type Spendable = {
	readonly unit: Unit;
	/** Null: never, or not before the clock is set. */
	readonly expiresAtWallMs: number | null;
	/** Grows with each purchase. */
	readonly balance: number;
};

/** Seconds before bytes; then what expires soonest; then what was bought first. A total order: no two packages are equal. */
export function bySpendingOrder(a: Spendable, b: Spendable): number {
	if (a.unit !== b.unit) return a.unit === 'second' ? -1 : 1;
	const expiryA = a.expiresAtWallMs ?? Number.POSITIVE_INFINITY;
	const expiryB = b.expiresAtWallMs ?? Number.POSITIVE_INFINITY;
	if (expiryA !== expiryB) return expiryA < expiryB ? -1 : 1;
	return a.balance - b.balance;
}
