import test from 'ava';
import { ANN, bytesPackage, rawDatabase, reopened, temporaryLedger } from './temporary-ledger.ts';

const DAY = { name: 'day', title: 'One day', bytes: 1000 };

test('an added plan is there after a restart, and the books verify', (t) => {
	const { ledger, path } = temporaryLedger(t);
	t.is(ledger.addPlan({ name: 'day', entry: DAY }), 'created');
	t.is(ledger.addPlan({ name: 'an-hour', entry: { ...DAY, name: 'an-hour' } }), 'created');
	ledger.close();
	const again = reopened(path);
	t.teardown(() => again.close());
	t.deepEqual(
		again.addedPlans().map(({ name }) => name),
		['an-hour', 'day'],
		'of the same moment, by name',
	);
	t.deepEqual(again.addedPlans()[1], { name: 'day', entry: DAY });
	t.is(again.verify().broken, undefined);
});

test('the same plan again exists, whatever the order of its keys; with other values it is refused and stays', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.addPlan({ name: 'day', entry: DAY });
	t.is(ledger.addPlan({ name: 'day', entry: { bytes: 1000, title: 'One day', name: 'day' } }), 'exists');
	t.is(ledger.addPlan({ name: 'day', entry: { ...DAY, bytes: 1001 } }), 'exists_with_different_values');
	t.deepEqual(ledger.addedPlans(), [{ name: 'day', entry: DAY }]);
});

test('a plan is removed once; what was bought of it stays', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.addPlan({ name: 'day', entry: DAY });
	ledger.createAccount({ id: ANN });
	ledger.topUp(bytesPackage('t1', 1000, { planName: 'day' }));
	t.is(ledger.removePlan('day'), 'changed');
	t.is(ledger.removePlan('day'), 'not_found');
	t.deepEqual(ledger.addedPlans(), []);
	t.like(ledger.packages(ANN)[0], { planName: 'day', amount: 1000 });
});

test('the table takes nothing but objects', (t) => {
	const { path } = temporaryLedger(t);
	const raw = rawDatabase(t, path);
	for (const plan of ['{', '[]', '1']) {
		t.throws(() => raw.prepare('INSERT INTO added_plan VALUES (?, ?, 0)').run('x', plan), { any: true }, plan);
		t.is(raw.prepare('SELECT count(*) FROM added_plan').pluck().get(), 0);
	}
});
