import test from 'ava';
import type { Plan } from '../../../agent/config/config.ts';
import { Catalogue } from '../../../agent/sync/catalogue.ts';
import type { Policy } from '../../../protocol/policy.ts';

const plan = (name: string, amount: number): Plan => ({ name, title: name, unit: 'byte', amount, atEnd: 'block' });
const policy = (...plans: Plan[]) => ({ policyVersion: 1, plans, tariffs: [] }) as unknown as Policy;
const sold = (catalogue: Catalogue) =>
	catalogue.plans.map(({ name, amount }) => `${name} ${amount} ${catalogue.sourceOf(name)}`);

test("under one name the carrier's plan is sold, then the added one, then the one of the configuration", (t) => {
	const catalogue = new Catalogue({ plans: [plan('a', 1), plan('b', 1), plan('c', 1)], tariffs: [] });
	t.deepEqual(sold(catalogue), ['a 1 config', 'b 1 config', 'c 1 config']);
	catalogue.add([plan('b', 2), plan('c', 2), plan('d', 2)]);
	t.deepEqual(sold(catalogue), ['a 1 config', 'b 2 added', 'c 2 added', 'd 2 added']);
	catalogue.follow(policy(plan('c', 3), plan('d', 3)));
	t.deepEqual(sold(catalogue), ['a 1 config', 'b 2 added', 'c 3 carrier', 'd 3 carrier']);
});

test('what was below is sold again when what was above is gone', (t) => {
	const catalogue = new Catalogue({ plans: [plan('a', 1)], tariffs: [] });
	catalogue.follow(policy(plan('a', 3)));
	catalogue.add([plan('a', 2)]);
	t.deepEqual(sold(catalogue), ['a 3 carrier'], 'whichever came first');
	catalogue.follow(policy());
	t.deepEqual(sold(catalogue), ['a 2 added']);
	catalogue.add([]);
	t.deepEqual(sold(catalogue), ['a 1 config']);
});
