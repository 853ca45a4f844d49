import test from 'ava';
import type { Plan } from '../../../agent/config/config.ts';
import type { MacAddress } from '../../../agent/core/units.ts';
import { plansForSale } from '../../../agent/portal/free-plan.ts';
import { FREE_PLANS_BURST } from '../../../agent/portal/limits.ts';
import { Catalogue } from '../../../agent/sync/catalogue.ts';
import type { Policy } from '../../../protocol/policy.ts';
import { RunningPortal } from './running-portal.ts';

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

test('invented devices use up half of the plans that are given away, and leave the other to leaseholders', async (t) => {
	const portal = await RunningPortal.start();
	t.teardown(() => portal.stop());
	const take = async (device: number) => {
		const mac = `02:00:00:09:${device >> 8}:${device & 255}` as MacAddress;
		portal.station = mac;
		return (await portal.post('/free', { token: portal.token(mac, '/free') })).status;
	};
	portal.standing = 'stranger';
	for (let device = 0; device < FREE_PLANS_BURST / 2; device++) {
		// Each from an address of its own: it is not the rate of one that ends it.
		portal.from = `127.0.${1 + (device >> 6)}.${1 + (device & 63)}`;
		if ((await take(device)) !== 303) return t.fail(`${device}`);
	}
	t.is(await take(10_000), 429);
	portal.standing = 'leased';
	t.is(await take(10_001), 303);
});
