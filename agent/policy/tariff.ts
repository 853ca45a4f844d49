import { AMOUNT_MAX } from '../core/units.ts';

/**
 * What a unit of use costs, in whole micro-units of the currency (1,000,000 are one euro, peso or shilling).
 * What comes first is free; then `first` units are charged as soon as one of them is used; then every started `step`.
 *
 * The pattern 60/30 of telephony, by the minute: `{ unit: 'second', per: 60, first: 60, step: 30, … }`.
 */
export type Tariff = {
	readonly unit: 'byte' | 'second';
	/** For `per` units. 0 to PRICE_MAX. */
	readonly priceMicro: number;
	/** 1,000,000 bytes (a megabyte), 1,048,576 (a mebibyte), or 60 seconds. */
	readonly per: number;
	/** Of each session: not charged. */
	readonly free: number;
	/** The first charge after the free part covers so many units. At least 1. */
	readonly first: number;
	/** Every later charge covers so many. At least 1. */
	readonly step: number;
};

/** A million of the currency for one MiB or minute: beyond it, somebody has mistaken the unit. */
export const PRICE_MAX = 10 ** 12;
export const MEGABYTE = 10 ** 6;
export const MEBIBYTE = 2 ** 20;
export const MINUTE = 60;

/** The units that are charged for a cumulative use: rounded up to the pattern. */
export function billedUnits({ free, first, step }: Tariff, used: number): number {
	const charged = used - free;
	if (charged <= 0) return 0;
	return charged <= first ? first : first + Math.ceil((charged - first) / step) * step;
}

/**
 * What a cumulative use costs, rounded up to a whole micro-unit. Charge the difference of two of these, never the price of a
 * difference: then roundings do not add up, whatever the number of charges.
 *
 * @param used whole units since the session began
 * @returns micro-units; at most AMOUNT_MAX, which no wallet can pay
 */
export function cost(tariff: Tariff, used: number): number {
	const billed = BigInt(billedUnits(tariff, used)) * BigInt(tariff.priceMicro);
	const per = BigInt(tariff.per);
	const micro = (billed + per - 1n) / per;
	return micro > AMOUNT_MAX ? AMOUNT_MAX : Number(micro);
}

/** What `more` units cost in a session that has used `used`. */
export function costOfMore(tariff: Tariff, used: number, more: number): number {
	return cost(tariff, used + more) - cost(tariff, used);
}

/**
 * How much more may be used: the largest amount whose cost the funds cover (money-to-bytes, money-to-time).
 *
 * @param used units of the session so far
 * @param funds micro-units
 * @param most what is asked for at most
 */
export function affordable(tariff: Tariff, { used, funds, most }: { used: number; funds: number; most: number }) {
	return largest(most, (more) => costOfMore(tariff, used, more) <= funds);
}

/**
 * Several sessions share funds, and nobody knows who will use what: the largest amount that the funds cover in the worst case.
 * Exact for one session. With more, up to one step a session is kept back.
 */
export function affordableTogether(
	tariff: Tariff,
	{ used, funds, most }: { used: readonly number[]; funds: number; most: number },
): number {
	return largest(most, (more) => costTogether(tariff, used, more) <= funds);
}

/** What `more` units cost at most, however the sessions share them. */
export function costTogether(tariff: Tariff, used: readonly number[], more: number): number {
	const [only, ...others] = used;
	if (only === undefined) return costOfMore(tariff, 0, more);
	if (others.length === 0) return costOfMore(tariff, only, more);
	// In the worst case all of it falls to the session that has the least left for free, and each begins one more step.
	const free = Math.min(...used.map((each) => Math.max(0, tariff.free - each)));
	const charged = more - free;
	if (charged <= 0) return 0;
	const begun = Math.min(used.length, charged) * (Math.max(tariff.first, tariff.step) - 1);
	const linear: Tariff = { ...tariff, free: 0, first: 1, step: 1 };
	return Math.min(AMOUNT_MAX, cost(linear, charged + begun) + used.length);
}

/** Each session may use the same number of units: the largest that the funds cover for all. */
export function affordableEach(
	tariff: Tariff,
	{ used, funds, most }: { used: readonly number[]; funds: number; most: number },
): number {
	return largest(most, (more) => costEach(tariff, used, more) <= funds);
}

/** What `more` units for each session cost together. */
export function costEach(tariff: Tariff, used: readonly number[], more: number): number {
	return Math.min(
		AMOUNT_MAX,
		used.reduce((sum, each) => sum + costOfMore(tariff, each, more), 0),
	);
}

/** The largest whole number up to `most` that fits; what fits must fit for every smaller number too. */
function largest(most: number, fits: (value: number) => boolean): number {
	if (most <= 0 || fits(most)) return Math.max(0, most);
	let yes = 0;
	let no = most;
	while (no - yes > 1) {
		const middle = yes + Math.floor((no - yes) / 2);
		if (fits(middle)) yes = middle;
		else no = middle;
	}
	return yes;
}
