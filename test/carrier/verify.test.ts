import test from 'ava';
import { creditBytes } from '../../carrier/sale/credit-bytes.ts';
import { giveSlice } from '../../carrier/slice/give-slice.ts';
import { ingest } from '../../carrier/usage/ingest.ts';
import { INVARIANTS, verify } from '../../carrier/verify.ts';
import { onBothDatabases } from './databases.ts';
import { addAccessPoints, addFunded, batchOf, MEBIBYTE, NOW, recordOf, SLICES, TERMS } from './scene.ts';

const onBoth = onBothDatabases(test);

onBoth('each invariant holds after work, and is found when somebody breaks it', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', 10 * MEBIBYTE);
	const given = await database.transaction((tx) =>
		giveSlice(tx, { ap: 'cafe', request: 'a', account: 'alice', wants: MEBIBYTE }, SLICES, NOW),
	);
	if (given.outcome === 'refused') return t.fail();
	await database.transaction(async (tx) => {
		const terms = { plan: 'day', validForSeconds: 86_400 };
		const credit = { account: 'alice', id: 'sale', amount: 1000, terms, kind: 'top-up', about: {} } as const;
		await creditBytes(tx, credit, SLICES, NOW);
	});
	const batches = [1, 2].map((sequence) =>
		batchOf('cafe', sequence, [recordOf({ id: `r${sequence}`, slice: given.slice })]),
	);
	await database.transaction((tx) => ingest(tx, batches, TERMS));
	const broken = async () =>
		(await verify(database)).filter((verdict) => verdict.broken.length > 0).map(({ name }) => name);
	t.deepEqual(await broken(), []);
	const breaks: Record<string, { by: string; undo: string }> = {
		'balance-is-transfers': {
			by: "UPDATE balance SET amount = amount + 5 WHERE book = 'available'",
			undo: "UPDATE balance SET amount = amount - 5 WHERE book = 'available'",
		},
		'account-sums-to-zero': {
			by: "UPDATE balance SET amount = amount + 5 WHERE book = 'spent'",
			undo: "UPDATE balance SET amount = amount - 5 WHERE book = 'spent'",
		},
		'never-below-zero': {
			by: "ALTER TABLE balance DROP CONSTRAINT never_below_zero; UPDATE balance SET amount = -1 WHERE book = 'spent'",
			undo: "UPDATE balance SET amount = 2000 WHERE book = 'spent'",
		},
		'slices-are-the-book': { by: 'UPDATE slice SET used = used - 1', undo: 'UPDATE slice SET used = used + 1' },
		'packages-are-transfers': {
			by: 'UPDATE package SET available = available - 1',
			undo: 'UPDATE package SET available = available + 1',
		},
		'packages-are-available': {
			by: `UPDATE package SET available = available + 100 * ${MEBIBYTE}, amount = amount + 100 * ${MEBIBYTE}`,
			undo: `UPDATE package SET available = available - 100 * ${MEBIBYTE}, amount = amount - 100 * ${MEBIBYTE}`,
		},
		'totals-are-records': {
			by: 'UPDATE usage_record SET amount = amount + 1',
			undo: 'UPDATE usage_record SET amount = amount - 1',
		},
		'fleet-is-accounts': {
			by: 'UPDATE access_point_usage SET amount = amount + 1',
			undo: 'UPDATE access_point_usage SET amount = amount - 1',
		},
		'acknowledged-is-there': {
			by: 'UPDATE usage_stream SET committed = 3',
			undo: 'UPDATE usage_stream SET committed = 2',
		},
	};
	t.deepEqual(Object.keys(breaks).toSorted(), INVARIANTS.map(({ name }) => name).toSorted());
	for (const [name, { by, undo }] of Object.entries(breaks)) {
		await database.script(by);
		t.true((await broken()).includes(name), name);
		await database.script(undo);
		t.deepEqual(await broken(), [], name);
	}
});
