import test from 'ava';
import type { Plan } from '../../../agent/config/config.ts';
import { plansForSale } from '../../../agent/portal/free-plan.ts';
import { Catalogue } from '../../../agent/sync/catalogue.ts';
import type { Policy } from '../../../protocol/policy.ts';

const plan = (name: string, amount: number): Plan => ({ name, title: name, unit: 'byte', amount, atEnd: 'block' });

test('the plan that is given away is not for sale, whoever changes its terms', (t) => {
	const catalogue = new Catalogue({ plans: [plan('taste', 1), plan('day', 1)], tariffs: [] });
	const names = () => plansForSale(catalogue.plans, 'taste').map(({ name }) => name);
	t.deepEqual(names(), ['day']);
	catalogue.follow({ policyVersion: 1, plans: [plan('taste', 3), plan('week', 3)], tariffs: [] } as unknown as Policy);
	t.deepEqual(names(), ['day', 'week']);
	t.deepEqual(
		plansForSale(catalogue.plans, undefined).map(({ name }) => name),
		['day', 'taste', 'week'],
	);
});
