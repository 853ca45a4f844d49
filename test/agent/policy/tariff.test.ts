import test from 'ava';
import fc from 'fast-check';
import { AMOUNT_MAX } from '../../../agent/core/units.ts';
import {
	affordable,
	affordableEach,
	affordableTogether,
	cost,
	costEach,
	costOfMore,
	costTogether,
	MEBIBYTE,
	MINUTE,
	PRICE_MAX,
	type Tariff,
} from '../../../agent/policy/tariff.ts';

/** 0.12 a minute, first minute whole, then by started half minutes. */
const CALL: Tariff = { unit: 'second', priceMicro: 120_000, per: MINUTE, free: 0, first: 60, step: 30 };
const CALL_WITH_FREE_TIME: Tariff = { ...CALL, free: 300 };
/** 0.02 a MiB, by the byte. */
const DATA: Tariff = { unit: 'byte', priceMicro: 20_000, per: MEBIBYTE, free: 0, first: 1, step: 1 };
const DATA_BY_MIB: Tariff = { ...DATA, first: MEBIBYTE, step: MEBIBYTE };
const NOTHING: Tariff = { ...DATA, priceMicro: 0 };

const costs = test.macro({
	exec(t, tariff: Tariff, rows: readonly (readonly [used: number, micro: number])[]) {
		for (const [used, micro] of rows) t.is(cost(tariff, used), micro, `${used} units`);
	},
	title: (title) => title as string,
});

test('60/30: the first minute whole, then every started half minute', costs, CALL, [
	[0, 0],
	[1, 120_000],
	[59, 120_000],
	[60, 120_000],
	[61, 180_000],
	[90, 180_000],
	[91, 240_000],
	[600, 1_200_000],
]);
test('60/30 after five free minutes', costs, CALL_WITH_FREE_TIME, [
	[300, 0],
	[301, 120_000],
	[360, 120_000],
	[361, 180_000],
]);
test('by the byte: rounded up to a micro-unit, and never more than one of it', costs, DATA, [
	[0, 0],
	[1, 1],
	[52, 1],
	[53, 2],
	[MEBIBYTE / 2, 10_000],
	[MEBIBYTE, 20_000],
	[1024 * MEBIBYTE, 20_480_000],
]);
test('by the started MiB', costs, DATA_BY_MIB, [
	[1, 20_000],
	[MEBIBYTE, 20_000],
	[MEBIBYTE + 1, 40_000],
]);
test('a price of nothing', costs, NOTHING, [[AMOUNT_MAX, 0]]);
test('beyond what any wallet holds', costs, { ...DATA, priceMicro: PRICE_MAX }, [[AMOUNT_MAX, AMOUNT_MAX]]);

const limits = test.macro({
	exec(t, tariff: Tariff, rows: readonly (readonly [used: number, funds: number, more: number])[]) {
		for (const [used, funds, more] of rows) {
			t.is(affordable(tariff, { used, funds, most: AMOUNT_MAX }), more, `${funds} after ${used} units`);
		}
	},
	title: (title) => title as string,
});

test('money to time under 60/30', limits, CALL, [
	[0, 0, 0],
	[0, 119_999, 0],
	[0, 120_000, 60],
	[0, 179_999, 60],
	[0, 180_000, 90],
	[60, 60_000, 30],
	[61, 0, 29],
	[90, 59_999, 0],
]);
test('money to time with free time first', limits, CALL_WITH_FREE_TIME, [
	[0, 0, 300],
	[100, 0, 200],
	[300, 0, 0],
	[0, 120_000, 360],
]);
test('money to bytes', limits, DATA, [
	[0, 20_000, MEBIBYTE],
	[0, 1, 52],
	[1, 0, 51],
	[1, 1, 103],
]);
test('a price of nothing is limited by what is asked for only', limits, NOTHING, [[0, 0, AMOUNT_MAX]]);

const tariffs = fc.record({
	unit: fc.constantFrom('byte' as const, 'second' as const),
	priceMicro: fc.oneof(fc.nat(100), fc.nat(1_000_000)),
	per: fc.constantFrom(1, MINUTE, MEBIBYTE),
	free: fc.oneof(fc.constant(0), fc.nat(1000)),
	first: fc.integer({ min: 1, max: 200 }),
	step: fc.integer({ min: 1, max: 200 }),
});
const amount = fc.nat(100_000);
const sessions = fc.array(fc.nat(2000), { minLength: 1, maxLength: 5 });

test('charging in parts costs what charging at once does, and more use is never cheaper', (t) => {
	const property = fc.property(tariffs, fc.array(fc.nat(500), { maxLength: 30 }), (tariff, parts) => {
		let used = 0;
		let paid = 0;
		for (const part of parts) {
			const charge = costOfMore(tariff, used, part);
			if (charge < 0) return false;
			used += part;
			paid += charge;
		}
		return paid === cost(tariff, used);
	});
	t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('the limit is the largest use that the funds cover', (t) => {
	const property = fc.property(tariffs, amount, amount, amount, (tariff, used, funds, most) => {
		const more = affordable(tariff, { used, funds, most });
		const isCovered = more === 0 || costOfMore(tariff, used, more) <= funds;
		return isCovered && (more === most || costOfMore(tariff, used, more + 1) > funds);
	});
	t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});

test('however sessions share what was allowed to them together, the funds cover it', (t) => {
	const property = fc.property(tariffs, sessions, amount, fc.array(fc.nat(100)), (tariff, used, funds, shares) => {
		const more = affordableTogether(tariff, { used, funds, most: 1_000_000 });
		let left = more;
		let paid = 0;
		for (const [index, each] of used.entries()) {
			const isLast = index === used.length - 1;
			const taken = isLast ? left : Math.floor((left * (shares[index] ?? 0)) / 100);
			left -= taken;
			paid += costOfMore(tariff, each, taken);
		}
		return paid <= funds && paid <= costTogether(tariff, used, more);
	});
	t.notThrows(() => fc.assert(property, { numRuns: 3000 }));
});

test('each session gets the same time, as much as the funds cover for all', (t) => {
	const property = fc.property(tariffs, sessions, amount, (tariff, used, funds) => {
		const each = affordableEach(tariff, { used, funds, most: 10_000 });
		return costEach(tariff, used, each) <= funds && (each === 10_000 || costEach(tariff, used, each + 1) > funds);
	});
	t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('however use is cut into sessions, at least what was had beyond the free part of each is paid: rounding is never theirs', (t) => {
	const property = fc.property(tariffs, sessions, (tariff, uses) => {
		const paid = uses.reduce((sum, used) => sum + cost(tariff, used), 0);
		const had = uses.reduce((sum, used) => sum + Math.max(0, used - tariff.free), 0);
		return paid >= cost({ ...tariff, free: 0, first: 1, step: 1 }, had);
	});
	t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});
