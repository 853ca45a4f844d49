import test from 'ava';
import fc from 'fast-check';
import { shareOf } from '../../../carrier/slice/share.ts';

const SIZES = { amountMin: 100, amountMax: 1000 };

test('somebody alone gets everything in the end, in ever smaller slices', (t) => {
	let available = 5000;
	const slices: number[] = [];
	while (available > 0) {
		const amount = shareOf({ wants: 1000, available, weight: 1, weights: 2 }, SIZES);
		slices.push(amount);
		available -= amount;
	}
	t.deepEqual(slices, [1000, 1000, 1000, 1000, 500, 250, 125, 100, 25]);
});

test('whoever has the larger weight gets the larger part of what is left', (t) => {
	t.is(shareOf({ wants: 1000, available: 1200, weight: 3, weights: 4 }, SIZES), 900);
	t.is(shareOf({ wants: 1000, available: 1200, weight: 1, weights: 4 }, SIZES), 300);
});

test('a slice is never more than there is, nor than the largest, nor nothing while there is something', (t) => {
	const amounts = fc.nat({ max: 2 ** 50 });
	fc.assert(
		fc.property(
			amounts,
			amounts,
			fc.integer({ min: 1, max: 1000 }),
			fc.integer({ min: 0, max: 9000 }),
			(wants, available, weight, others) => {
				const amount = shareOf({ wants, available, weight, weights: weight + others }, SIZES);
				return amount <= available && amount <= SIZES.amountMax && (amount > 0 || available === 0);
			},
		),
	);
	t.pass();
});
