import test from 'ava';
import mqtt from 'mqtt';
import { systemClock } from '../../../carrier/clock.ts';
import { silentLog } from '../../../carrier/log.ts';
import { openLine } from '../../../carrier/worker/mqtt-line.ts';
import { batchOf, eventOf, MEBIBYTE, recordOf } from '../scene.ts';
import { freshDatabase, isAck, Listener, start, startWorld, world } from './platform-world.ts';

startWorld(test);

test.serial('usage over a real broker is acknowledged, signed, after it is committed', async (t) => {
	const platform = await start(await freshDatabase('cafe'));
	const listener = await Listener.connect('cafe');
	const batch = batchOf('cafe', 1, [recordOf({ id: 'a', account: 'local' })]);
	await listener.client.publishAsync('octroi/1/cafe/up/usage', JSON.stringify(batch.usage), { qos: 1 });
	const ack = await listener.until(isAck(1));
	t.like(ack.body, { digest: batch.digest });
	t.is((await platform.database.query('SELECT 1 FROM usage_record')).length, 1);
	await platform.stop();
	await listener.client.endAsync(true);
});

test.serial('the broker waits for nobody: what is not committed keeps it from sending nothing else', async (t) => {
	const place = { url: world.broker.url, protocol: '5', isShared: true, group: 'test' } as const;
	let count = 0;
	let wake = () => {};
	const line = await openLine({ ...place, clientId: 'first' }, systemClock(), silentLog, {
		receive: () => {
			count += 1;
			wake();
		},
		onOpen: () => undefined,
		onFault: () => undefined,
		random: () => 0.5,
	});
	const listener = await Listener.connect('cafe');
	// More than any window of messages under way that a broker has by itself.
	const sent = 3000;
	const publish = () => listener.client.publishAsync('octroi/1/cafe/up/usage', '{', { qos: 1 });
	await Promise.all(Array.from({ length: sent }, publish));
	await new Promise<void>((done) => {
		wake = () => count >= sent && done();
		wake();
	});
	t.is(count, sent);
	await line.close();
	await listener.client.endAsync(true);
});

test.serial('the workers share their subscription under a name that only they know', async (t) => {
	const url = await freshDatabase('cafe');
	const platform = await start(url);
	const [{ name } = { name: '' }] = await platform.database.query<{ name: string }>('SELECT name FROM worker_group');
	t.regex(name, /^octroi-[0-9a-f]{32}$/);
	// Mosquitto's `acl_file` lets everybody subscribe to everything, and checks what it delivers.
	const rogue = await mqtt.connectAsync(world.broker.url, { protocolVersion: 5 });
	await rogue.subscribeAsync('$share/octroi/octroi/1/+/up/#', { qos: 1 });
	const listener = await Listener.connect('cafe');
	for (let sequence = 1; sequence <= 20; sequence++) {
		const { usage } = batchOf('cafe', sequence, [recordOf({ id: `r${sequence}`, account: 'local' })]);
		await listener.client.publishAsync('octroi/1/cafe/up/usage', JSON.stringify(usage), { qos: 1 });
	}
	await listener.until(isAck(20));
	await rogue.endAsync(true);
	await platform.stop();
	await listener.client.endAsync(true);
});

test.serial('a slice is asked for, given, used and returned over the wire', async (t) => {
	const platform = await start(await freshDatabase('cafe'));
	const listener = await Listener.connect('cafe');
	const asked = eventOf('cafe', '~ask-1', 'slice.request', { wants: MEBIBYTE, remaining: 0, reason: 'first' });
	await listener.client.publishAsync('octroi/1/cafe/up/event', JSON.stringify(asked), { qos: 1 });
	const grant = await listener.until((message) => message.kind === 'grant');
	t.like(grant.body, { kind: 'give', account: 'alice', amount: MEBIBYTE, request: '~ask-1' });
	const { slice } = grant.body as unknown as { slice: string };
	const reply = { version: 1, ap: 'cafe', request: grant.id, outcome: 'done' };
	await listener.client.publishAsync('octroi/1/cafe/up/reply', JSON.stringify(reply), { qos: 1 });
	const events = [asked, eventOf('cafe', '~back', 'slice.return', { slice, returned: 576, reason: 'expired' })];
	const batch = batchOf('cafe', 1, [recordOf({ id: 'a', slice, amount: 1_048_000 })], { events });
	await listener.client.publishAsync('octroi/1/cafe/up/usage', JSON.stringify(batch.usage), { qos: 1 });
	await listener.until(isAck(1));
	t.deepEqual(await platform.database.query('SELECT amount, used, returned, state FROM slice'), [
		{ amount: MEBIBYTE, used: 1_048_000, returned: 576, state: 'closed' },
	]);
	t.deepEqual(await platform.database.query("SELECT outcome FROM down_message WHERE kind = 'grant'"), [
		{ outcome: 'done' },
	]);
	await platform.stop();
	await listener.client.endAsync(true);
});

test.serial('any number of workers share what comes: each batch is taken by one of them', async (t) => {
	const batches = 60;
	const url = await freshDatabase('cafe');
	const platforms = [await start(url), await start(url)];
	const listener = await Listener.connect('cafe');
	for (let sequence = 1; sequence <= batches; sequence += 1) {
		const { usage } = batchOf('cafe', sequence, [recordOf({ id: `r${sequence}` })]);
		await listener.client.publishAsync('octroi/1/cafe/up/usage', JSON.stringify(usage), { qos: 1 });
	}
	await listener.until(isAck(batches));
	const counts = (name: 'messages' | 'batches', labels: never) =>
		platforms.map(({ metrics }) => metrics.count(name, labels));
	const taken = counts('messages', { kind: 'usage' } as never);
	t.is(
		taken.reduce((sum, count) => sum + count, 0),
		batches,
		'ingest is idempotent: only their number says that the subscription is a shared one',
	);
	t.true(
		taken.every((count) => count > 0),
		`${taken}`,
	);
	t.deepEqual(counts('batches', { fate: 'repeated' } as never), [0, 0]);
	for (const platform of platforms) await platform.stop();
	await listener.client.endAsync(true);
});
