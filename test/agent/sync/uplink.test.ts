import test from 'ava';
import { SPLIT_BATCHES_MAX } from '../../../agent/sync/reporter.ts';
import { carrierWorld, soon, type World } from './carrier-world.ts';

/** Bytes that the platform heard of, by uplink. */
function bytesByUplink({ platform }: World): Record<string, number> {
	const sums: Record<string, number> = {};
	for (const { unit, amount, uplink = 'unknown' } of platform.records) {
		if (unit === 'byte') sums[uplink] = (sums[uplink] ?? 0) + amount;
	}
	return sums;
}

async function drained({ ap }: World): Promise<void> {
	while (!ap.sync.figures.connected) await ap.pass(1000);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.backlog.sessions + ap.sync.figures.backlog.batches === 0);
}

/** An access point with a session, whose carrier is away if `offline`. */
async function spending(world: World, offline = false): Promise<World> {
	const { ap, broker } = world;
	ap.buy('ann', 1_000_000);
	ap.open('s1', 'ann');
	if (offline) {
		broker.aedes.authenticate = (client, _user, _password, done) =>
			client?.id === 'platform' ? done(null, true) : done(Object.assign(new Error('away'), { returnCode: 4 }), false);
		broker.cut();
		await soon(() => !ap.sync.figures.connected);
	}
	return world;
}

const comeBack = ({ broker }: World) => {
	broker.aedes.authenticate = (_client, _user, _password, done) => done(null, true);
};

test('a record names the device over which all of it passed; at a change what was used so far is a record of its own', async (t) => {
	const world = await spending(await carrierWorld(t));
	const { ap } = world;
	ap.use('s1', 100, 0);
	// What the kernel has counted and nobody has charged yet passed over the former uplink, too.
	ap.unsettled = () => ap.use('s1', 20, 3);
	ap.uplink = 'wwan0.1';
	await ap.pass(1500);
	ap.unsettled = undefined;
	ap.use('s1', 0, 4000);
	await drained(world);
	t.deepEqual(bytesByUplink(world), { eth0: 123, 'wwan0.1': 4000 });
	t.deepEqual(world.platform.broken, []);
	t.true(ap.ledger.verify().ok);
});

test('changes while the carrier is away are told apart afterwards', async (t) => {
	const world = await spending(await carrierWorld(t), true);
	const { ap } = world;
	for (const [uplink, bytes] of [
		['eth0', 10],
		['wwan0', 200],
		['eth0', 3000],
	] as const) {
		ap.uplink = uplink;
		await ap.pass(1500);
		ap.use('s1', bytes, 0);
	}
	comeBack(world);
	await drained(world);
	t.deepEqual(bytesByUplink(world), { eth0: 3010, wwan0: 200 });
});

test('an uplink that flaps for weeks offline does not fill the disk: what cannot be told apart names no uplink', async (t) => {
	const world = await spending(await carrierWorld(t), true);
	const { ap } = world;
	let used = 0;
	for (let flap = 0; flap < 3 * SPLIT_BATCHES_MAX; flap += 1) {
		ap.use('s1', 1, 0);
		used += 1;
		ap.uplink = flap % 2 === 0 ? 'wwan0' : 'eth0';
		await ap.pass(1000);
	}
	t.is(ap.sync.figures.backlog.batches, SPLIT_BATCHES_MAX);
	comeBack(world);
	await drained(world);
	const sums = bytesByUplink(world);
	t.is((sums.eth0 ?? 0) + (sums.wwan0 ?? 0), SPLIT_BATCHES_MAX);
	t.is(sums.unknown, used - SPLIT_BATCHES_MAX);
	ap.use('s1', 5, 0);
	await drained(world);
	t.is(bytesByUplink(world).unknown, sums.unknown, 'then it is known again');
});

test('what waited when the agent started names no uplink, and a router without a way out keeps the last one', async (t) => {
	const world = await spending(await carrierWorld(t), true);
	const { ap } = world;
	ap.use('s1', 70, 0);
	await ap.restart();
	comeBack(world);
	await drained(world);
	t.deepEqual(bytesByUplink(world), { unknown: 70 });
	ap.use('s1', 5, 0);
	ap.uplink = undefined;
	await ap.pass(1500);
	await drained(world);
	t.deepEqual(bytesByUplink(world), { unknown: 70, eth0: 5 });
});
