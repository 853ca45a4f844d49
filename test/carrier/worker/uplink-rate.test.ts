import test from 'ava';
import { KeyRing } from '../../../carrier/key/key-ring.ts';
import { putRate } from '../../../carrier/usage/rates.ts';
import { temporaryFolder } from '../../agent/ledger/temporary-ledger.ts';
import { AccessPoint, soon } from '../../agent/sync/carrier-world.ts';
import { NOW } from '../scene.ts';
import { freshDatabase, start, startWorld, world } from './platform-world.ts';

startWorld(test);

test.serial('usage of a real access point is rated by the uplink over which it passed', async (t) => {
	const platform = await start(await freshDatabase('cafe'));
	t.teardown(() => platform.stop());
	const common = { timeZone: 'UTC', unit: 'byte', per: 1 } as const;
	for (const rate of [
		{ ...common, name: 'mobile', priority: 1, when: { uplink: 'wwan0' }, priceMicro: 9 },
		{ ...common, name: 'line', priority: 2, when: { uplink: 'eth0' }, priceMicro: 1 },
	]) {
		await putRate(platform.database, rate, NOW);
	}
	const ap = new AccessPoint(`${temporaryFolder(t)}/ledger.db`, {
		url: world.broker.url,
		accessPoint: 'cafe',
		keys: new KeyRing(world.directory).forPolicies().keys,
	});
	t.teardown(() => ap.ledger.close());
	await ap.sync.start();
	t.teardown(() => ap.sync.stop());
	await soon(() => ap.sync.figures.connected);
	ap.buy('ann', 1_000_000);
	ap.open('s1', 'ann');
	ap.use('s1', 1000, 500);
	ap.uplink = 'wwan0';
	await ap.pass(1500);
	ap.use('s1', 20, 3);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.backlog.sessions + ap.sync.figures.backlog.batches === 0);
	t.deepEqual(
		await platform.database.query('SELECT uplink, tariff, amount, price_micro FROM usage_record ORDER BY uplink'),
		[
			{ uplink: 'eth0', tariff: 'line', amount: 1500, price_micro: 1500 },
			{ uplink: 'wwan0', tariff: 'mobile', amount: 23, price_micro: 207 },
		],
	);
});
