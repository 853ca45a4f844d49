import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { LedgerModel, type Step } from './ledger-model.ts';
import { reopened, revivals, temporaryFolder } from './temporary-ledger.ts';

const account = fc.nat(2);
const amount = fc.oneof(fc.constant(0), fc.nat(50), fc.nat(500));
/** Often the same as before: a grant that need not change is a case of its own. */
const reserve = fc.oneof(fc.constantFrom(0, 50, 200), amount);
const steps: fc.Arbitrary<Step>[] = [
	fc.record({
		do: fc.constant('topUp' as const),
		account: fc.oneof(fc.constant(0), account),
		unit: fc.constantFrom('byte' as const, 'second' as const),
		amount: fc.integer({ min: 1, max: 1000 }),
		validForSeconds: fc.option(fc.integer({ min: 1, max: 100 }), { nil: null }),
		throttle: fc.boolean(),
	}),
	fc.record({
		do: fc.constantFrom(
			'open' as const,
			'open' as const,
			'open' as const,
			'open' as const,
			'close' as const,
			'block' as const,
			'repeat' as const,
			'crash' as const,
		),
		account,
		meter: fc.nat(5),
	}),
	fc.record({
		do: fc.constant('settle' as const),
		account: fc.oneof(fc.constant(0), account),
		by: fc.array(amount, { minLength: 3, maxLength: 3 }),
		seconds: fc.nat(40),
		free: fc.constantFrom(false, false, true),
		reserve: fc.record({ byte: reserve, second: reserve }),
	}),
	fc.record({ do: fc.constant('clock' as const), seconds: fc.integer({ min: -50, max: 50 }), isSet: fc.boolean() }),
	fc.record({
		do: fc.constant('lost' as const),
		direction: fc.constantFrom('customer' as const, 'venue' as const),
		account: fc.option(account, { nil: null }),
	}),
];
const sequence = fc.array(
	fc.oneof(
		{ arbitrary: steps[0] as fc.Arbitrary<Step>, weight: 4 },
		{ arbitrary: steps[1] as fc.Arbitrary<Step>, weight: 5 },
		{ arbitrary: steps[2] as fc.Arbitrary<Step>, weight: 9 },
		{ arbitrary: steps[3] as fc.Arbitrary<Step>, weight: 2 },
		{ arbitrary: steps[4] as fc.Arbitrary<Step>, weight: 1 },
	),
	{ minLength: 30, maxLength: 60, size: 'max' },
);

/** Something to spend and somebody to spend it, so that the random steps meet more than empty accounts. */
const FURNISHED: readonly Step[] = [
	{ do: 'topUp', account: 0, unit: 'byte', amount: 9000, validForSeconds: null, throttle: false },
	{ do: 'topUp', account: 0, unit: 'second', amount: 900, validForSeconds: 1000, throttle: true },
	{ do: 'open', account: 0, meter: 0 },
];

/** More for a long run: `LEDGER_RUNS=2000 npx ava build/test/agent/ledger/ledger-model.test.js`. */
const RUNS = Number(process.env.LEDGER_RUNS ?? 40);

test('whatever happens in whatever order, the books hold and agree with plain sums', (t) => {
	const folder = temporaryFolder(t);
	let run = 0;
	const property = fc.property(sequence, (all) => {
		const path = join(folder, `${++run}.db`);
		const model = new LedgerModel(reopened(path), revivals(path));
		try {
			for (const step of [...FURNISHED, ...all]) model.run(step);
		} finally {
			model.ledger.close();
		}
	});
	t.notThrows(() => fc.assert(property, { numRuns: RUNS }));
});
