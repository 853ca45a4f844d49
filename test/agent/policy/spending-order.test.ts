import test from 'ava';
import { bySpendingOrder, type Spendable } from '../../../agent/policy/deduction-queue.ts';

const order = test.macro({
	exec(t, words: readonly string[]) {
		const sorted = words.map(spendable);
		for (const turned of [sorted, sorted.toReversed()]) t.deepEqual(turned.toSorted(bySpendingOrder), sorted);
	},
	title: (title) => title as string,
});

/** `second 5 @100`: unit, number of the balance, expiry. */
function spendable(text: string): Spendable {
	const [unit, balance, expiry] = text.split(' ');
	return {
		unit: unit as Spendable['unit'],
		balance: Number(balance),
		expiresAtWallMs: expiry === undefined ? null : Number(expiry.slice(1)),
	};
}

test('seconds are spent before bytes', order, ['second 9', 'byte 1']);
test('what expires soonest is spent first', order, ['byte 9 @1', 'byte 1 @2']);
test('what never expires is spent last', order, ['byte 9 @100', 'byte 1']);
test('of two that expire together the older is spent first', order, ['byte 1 @5', 'byte 2 @5']);
test('of two that never expire the older is spent first', order, ['byte 1', 'byte 2']);
test('the unit weighs more than the expiry, and the expiry more than the age', order, [
	'second 9',
	'byte 8 @1',
	'byte 2 @3',
	'byte 1',
]);
