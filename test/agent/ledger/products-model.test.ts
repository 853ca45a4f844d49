import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { NamedTariff } from '../../../agent/ledger/tariff-store.ts';
import { type BuyStep, type ProductStep, ProductsModel } from './products-model.ts';
import { reopened, revivals, temporaryFolder } from './temporary-ledger.ts';

const account = fc.nat(3);
const tariff: fc.Arbitrary<NamedTariff> = fc.record({
	name: fc.constantFrom('a', 'b'),
	unit: fc.constantFrom('byte' as const, 'second' as const),
	priceMicro: fc.constantFrom(0, 1, 7, 60),
	per: fc.constantFrom(1, 60),
	free: fc.constantFrom(0, 0, 20),
	first: fc.constantFrom(1, 60),
	step: fc.constantFrom(1, 30),
});
const amount = fc.oneof(fc.constantFrom(0, 10, 50), fc.nat(300));

const steps: { arbitrary: fc.Arbitrary<ProductStep>; weight: number }[] = [
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant('buy' as const),
			account,
			unit: fc.constantFrom('byte' as const, 'second' as const, 'micro' as const),
			amount: fc.integer({ min: 1, max: 400 }),
			valid: fc.option<number, null>(fc.integer({ min: 1, max: 100 }), { nil: null }),
			kind: fc.constantFrom(
				'plain' as const,
				'plain' as const,
				'renews' as const,
				'add-on' as const,
				'first-use' as const,
			),
			grace: fc.option<BuyStep['grace'] & object, null>(
				fc.record({
					unit: fc.constantFrom('byte' as const, 'second' as const),
					amount: fc.integer({ min: 1, max: 50 }),
				}),
				{ nil: null },
			),
			paced: fc.boolean(),
			price: fc.option<number, null>(fc.integer({ min: 1, max: 100 }), { nil: null }),
			tariff,
		}),
	},
	{
		weight: 6,
		arbitrary: fc.record({
			do: fc.constantFrom(
				...([
					'open',
					'open',
					'open',
					'join',
					'join',
					'give',
					'give',
					'merge',
					'close',
					'leave',
					'renew',
					'crash',
				] as const),
			),
			account,
			amount,
		}),
	},
	{
		weight: 10,
		arbitrary: fc.record({
			do: fc.constant('settle' as const),
			account,
			use: fc.array(fc.nat(100), { minLength: 6, maxLength: 6 }),
			reserve: fc.oneof(
				fc.record({ byte: amount, second: fc.constant(0) }),
				fc.record({ byte: fc.constant(0), second: amount }),
			),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant('clock' as const),
			seconds: fc.integer({ min: 0, max: 60 }),
			isSet: fc.constantFrom(true, true, true, false),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant('lost' as const),
			direction: fc.constantFrom('customer' as const, 'venue' as const),
		}),
	},
];

/** More for a long run: `LEDGER_RUNS=2000 npx ava build/test/agent/ledger/products-model.test.js`. */
const RUNS = Number(process.env.LEDGER_RUNS ?? 30);

test('no order of purchases, transfers, use, expiry and crashes creates or destroys a unit', (t) => {
	const folder = temporaryFolder(t);
	let run = 0;
	const property = fc.property(fc.array(fc.oneof(...steps), { minLength: 40, maxLength: 70, size: 'max' }), (all) => {
		const path = join(folder, `${++run}.db`);
		const model = new ProductsModel(reopened(path), revivals(path));
		try {
			for (const step of all) model.run(step);
			model.compareTotals();
		} finally {
			model.ledger.close();
		}
	});
	t.notThrows(() => fc.assert(property, { numRuns: RUNS, includeErrorInReport: true }));
});
