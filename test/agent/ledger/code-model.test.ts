import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { CodeModel, type CodeStep } from './code-model.ts';
import { reopened, revivals, temporaryFolder } from './temporary-ledger.ts';

const account = fc.nat(1);
const unit = fc.constantFrom('byte' as const, 'byte' as const, 'second' as const);
const seconds = fc.option(fc.integer({ min: 1, max: 100 }), { nil: null });
const code = fc.nat(30);
const step: fc.Arbitrary<CodeStep> = fc.oneof(
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('batch' as const),
			count: fc.integer({ min: 1, max: 4 }),
			amount: fc.integer({ min: 1, max: 1000 }),
			isSet: fc.boolean(),
			unit,
			until: seconds,
			validFor: seconds,
		}),
	},
	{
		weight: 8,
		arbitrary: fc.record({
			do: fc.constantFrom('redeem' as const, 'repeat' as const),
			code,
			account: fc.option(account, { nil: null }),
		}),
	},
	{
		weight: 5,
		arbitrary: fc.record({
			do: fc.constant('give' as const),
			account,
			amount: fc.integer({ min: 1, max: 600 }),
			unit,
			until: seconds,
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('return' as const), gift: fc.nat(9) }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constantFrom('returnExpired' as const, 'crash' as const) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('void' as const), code, isWhole: fc.boolean() }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('blockCard' as const), code, blocked: fc.boolean() }) },
	{
		weight: 4,
		arbitrary: fc.record({ do: fc.constant('use' as const), account, amount: fc.nat(300), reserve: fc.nat(300) }),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant('clock' as const),
			seconds: fc.integer({ min: -50, max: 80 }),
			isSet: fc.boolean(),
		}),
	},
);

/** More for a long run: `LEDGER_RUNS=2000 npx ava build/test/agent/ledger/code-model.test.js`. */
const RUNS = Number(process.env.LEDGER_RUNS ?? 25);

test('no order of making, redeeming, giving, claiming, expiring and making void creates or destroys a unit', (t) => {
	const folder = temporaryFolder(t);
	let run = 0;
	const property = fc.property(fc.array(step, { minLength: 25, maxLength: 45, size: 'max' }), (steps) => {
		const path = join(folder, `${++run}.db`);
		const model = new CodeModel(reopened(path), revivals(path));
		try {
			for (const one of steps) model.run(one);
		} finally {
			model.ledger.close();
		}
	});
	t.notThrows(() => fc.assert(property, { numRuns: RUNS }));
});
