import type { Unit } from '../core/units.ts';

/** Whose credit it is: the narrower is spent before the wider. */
export type Scope = 'own' | 'group' | 'grace';

/** What decides the order in which credit is spent. */
export type Spendable = {
	readonly unit: Unit;
	/** Null: never, or not before the clock is set. */
	readonly expiresAtWallMs: number | null;
	/** Default: own. */
	readonly scope?: Scope;
	/** Grows with each purchase. */
	readonly balance: number;
};

const UNITS: Record<Unit, number> = { second: 0, byte: 1, micro: 2 };
const SCOPES: Record<Scope, number> = { own: 0, group: 1, grace: 2 };

/**
 * The order of deduction, a total one: no two are equal.
 *
 * 1. seconds before bytes, and money last (a package is paid already; a wallet can still buy something else);
 * 2. what is paid before the grace allowance;
 * 3. what expires soonest;
 * 4. the narrower before the wider: the account's own, then what it may draw from its groups;
 * 5. what was bought first.
 */
export function bySpendingOrder(a: Spendable, b: Spendable): number {
	if (a.unit !== b.unit) return UNITS[a.unit] - UNITS[b.unit];
	const scopeA = a.scope ?? 'own';
	const scopeB = b.scope ?? 'own';
	if ((scopeA === 'grace') !== (scopeB === 'grace')) return scopeA === 'grace' ? 1 : -1;
	const expiryA = a.expiresAtWallMs ?? Number.POSITIVE_INFINITY;
	const expiryB = b.expiresAtWallMs ?? Number.POSITIVE_INFINITY;
	if (expiryA !== expiryB) return expiryA < expiryB ? -1 : 1;
	if (scopeA !== scopeB) return SCOPES[scopeA] - SCOPES[scopeB];
	return a.balance - b.balance;
}

/** A package of the account itself. */
export type OwnSource = Spendable & { readonly remaining: number };

/** A package of a group that the account belongs to. */
export type GroupSource = Spendable & {
	/** Of its group; members share it. */
	readonly group: number;
	/** Not drawn by any member yet. */
	readonly undrawn: number;
	/** Drawn by this member before, and not used yet. */
	readonly drawn: number;
};

/** What a member may still draw from a group in this cycle, per unit. Absent: as much as there is. */
export type Allowance = { readonly group: number; readonly left: Partial<Record<Unit, number>> };

export type Queued<Source> = {
	readonly source: Source;
	/** What can be spent from it. */
	readonly amount: number;
	/** The part of it that has to be drawn from the group first. */
	readonly drawable: number;
};

/**
 * From what an account spends: its own packages, those of its groups as far as its allowances reach, and its wallet (packages
 * of money), in the order in which they are spent. An allowance is shared out in that order too.
 */
export function deductionQueue<Own extends OwnSource, Group extends GroupSource>(
	own: readonly Own[],
	groups: readonly Group[] = [],
	allowances: readonly Allowance[] = [],
): Queued<Own | Group>[] {
	if (groups.length === 0) return own.map(ownQueued).sort((a, b) => bySpendingOrder(a.source, b.source));
	const left = new Map<string, number>();
	for (const { group, left: units } of allowances) {
		for (const [unit, amount] of Object.entries(units)) left.set(`${group} ${unit}`, amount);
	}
	const sorted: (Own | Group)[] = [...own, ...groups].sort(bySpendingOrder);
	return sorted.map((source) => {
		if (!isGroup(source)) return ownQueued(source);
		const key = `${source.group} ${source.unit}`;
		const allowed = left.get(key) ?? Number.POSITIVE_INFINITY;
		const drawable = Math.max(0, Math.min(source.undrawn, allowed));
		left.set(key, allowed - drawable);
		return { source, amount: source.drawn + drawable, drawable };
	});
}

function isGroup<Own extends OwnSource, Group extends GroupSource>(source: Own | Group): source is Group {
	return (source as GroupSource).undrawn !== undefined;
}

function ownQueued<Own extends OwnSource>(source: Own): Queued<Own> {
	return { source, amount: source.remaining, drawable: 0 };
}
