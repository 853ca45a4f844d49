import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { noteCredit } from '../../../carrier/account/credit-state.ts';
import { addTransfer } from '../../../carrier/account/transfers.ts';
import type { Database } from '../../../carrier/database/database.ts';
import { addEvents } from '../../../carrier/fleet/events.ts';
import { Metrics } from '../../../carrier/metrics.ts';
import { Deliveries, signatureOf } from '../../../carrier/subscription/deliveries.ts';
import { addSubscription, removeSubscription } from '../../../carrier/subscription/subscriptions.ts';
import { HANG_MS } from '../../lab/until.ts';
import { onBothDatabases } from '../databases.ts';
import { keepingLog } from '../logged.ts';
import { addFunded, NOW } from '../scene.ts';

const onBoth = onBothDatabases(test);
/** Where the receivers of the tests are. */
const LOOPBACK = ['127.0.0.1'];
const SECRET = 'a secret of sixteen characters';

type Received = { headers: IncomingHttpHeaders; body: string };

/** A real HTTP server that answers with these statuses, one after the other. */
async function receiver(statuses: number[]) {
	const received: Received[] = [];
	const server = createServer(async (request, response) => {
		let body = '';
		for await (const chunk of request) body += chunk;
		received.push({ headers: request.headers, body });
		const status = statuses.shift() ?? 200;
		response.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:9/' } : {}).end();
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
	return { received, url, close: () => server.close() };
}

function ports(database: Database) {
	const state = { now: NOW, published: [] as { topic: string; payload: string }[] };
	const { log, lines } = keepingLog();
	const metrics = new Metrics();
	const publish = async (topic: string, payload: string) => void state.published.push({ topic, payload });
	const clock = { wallMs: () => state.now, after: () => () => undefined };
	const deliveries = new Deliveries({ database, clock, log, metrics, publish, privateHosts: LOOPBACK });
	return {
		state,
		lines,
		metrics,
		deliveries,
		async deliver() {
			const begun = await deliveries.begin();
			await deliveries.idle();
			return begun;
		},
	};
}

/** Everything that an account has is used. */
async function useUp(database: Database, account: string, amount: number): Promise<void> {
	const transfer = { account, id: `use-${account}`, unit: 'byte', from: 'available', to: 'spent', amount } as const;
	await addTransfer(database, { ...transfer, kind: 'slice-used', about: {}, at: NOW });
	await noteCredit(database, [account], NOW);
}

/** So many events of one kind. */
async function addMany(database: Database, kind: string, count: number): Promise<void> {
	const events = Array.from({ length: count }, (_, index) => ({
		ap: 'cafe',
		id: `~${kind}-${index}`,
		kind,
		at: NOW,
		details: {},
	}));
	await addEvents(database, events, NOW);
}

async function until(isSo: () => boolean): Promise<void> {
	const end = performance.now() + HANG_MS;
	while (!isSo()) {
		if (performance.now() > end) throw new Error(`waited in vain: ${isSo}`);
		await turn();
	}
}

onBoth('out of credit reaches a webhook, signed, and is tried again until it is taken', async (t, database) => {
	const hook = await receiver([500, 302, 200]);
	await addSubscription(
		database,
		{ id: 'app', kinds: ['credit.out'], account: 'alice', target: 'webhook', address: hook.url, secret: SECRET },
		LOOPBACK,
		NOW,
	);
	await addFunded(database, 'alice', 1000);
	await addFunded(database, 'bob', 1000);
	for (const account of ['alice', 'bob']) await useUp(database, account, 1000);
	const { state, deliver, metrics, lines } = ports(database);
	t.is(await deliver(), 1, 'bob is nobody’s');
	t.is(await deliver(), 0, 'not before its time');
	state.now += 1000;
	t.is(await deliver(), 1);
	state.now += 2000;
	t.is(await deliver(), 1);
	state.now += 3_600_000;
	t.is(await deliver(), 0);
	t.is(hook.received.length, 3);
	const { headers, body } = hook.received[2] as Received;
	t.like(JSON.parse(body), { kind: 'credit.out', account: 'alice' });
	t.is(
		headers['octroi-delivery'],
		(JSON.parse(hook.received[0]?.body as string) as { delivery: string }).delivery,
		'a repetition has the same name',
	);
	const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(
		String(headers['octroi-signature']),
	) as RegExpExecArray;
	t.is(signature, signatureOf(SECRET, Number(seconds), body));
	t.is(metrics.count('deliveries', { outcome: 'failed' }), 2);
	t.is(metrics.count('deliveries', { outcome: 'delivered' }), 1);
	t.is(lines.filter(({ message }) => message === 'a delivery failed').length, 1, 'once an hour for each receiver');
	hook.close();
});

onBoth('a receiver that never answers delays no other, however much waits for it', async (t, database) => {
	const silent = createServer(() => undefined).listen(0, '127.0.0.1');
	await once(silent, 'listening');
	const hook = await receiver([]);
	const dead = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/hook`;
	const common = { target: 'webhook', secret: SECRET } as const;
	// More subscriptions than there are places, all of one receiver.
	for (let index = 0; index < 80; index++)
		await addSubscription(
			database,
			{ ...common, id: `dead-${index}`, kinds: ['tethering'], address: dead },
			LOOPBACK,
			NOW,
		);
	await addSubscription(database, { ...common, id: 'well', kinds: ['spoofing'], address: hook.url }, LOOPBACK, NOW);
	await addMany(database, 'tethering', 5);
	await addMany(database, 'spoofing', 30);
	const { deliveries, metrics } = ports(database);
	await deliveries.begin();
	await until(() => hook.received.length === 30);
	t.is(metrics.count('deliveries', { outcome: 'failed' }), 0, 'the other one has not even failed yet');
	silent.closeAllConnections();
	silent.close();
	await deliveries.stop();
	hook.close();
});

onBoth('a receiver that fails waits by itself, longer each time, and its log is one line', async (t, database) => {
	const subscription = { id: 'app', kinds: ['tethering'], target: 'webhook', secret: SECRET } as const;
	await addSubscription(database, { ...subscription, address: 'http://127.0.0.1:9/?key=secret' }, LOOPBACK, NOW);
	await addMany(database, 'tethering', 100);
	const { state, deliver, lines, metrics } = ports(database);
	t.is(await deliver(), 4, 'as many as one receiver may have under way');
	t.is(await deliver(), 0);
	let tries = 0;
	for (let second = 0; second < 600; second++) {
		state.now += 1000;
		tries += await deliver();
	}
	t.true(tries >= 2 && tries <= 8, `one try each time, and longer waits: ${tries}`);
	t.is(lines.filter(({ message }) => message === 'a delivery failed').length, 1);
	t.false(JSON.stringify(lines).includes('secret'), 'an address may have a secret in it');
	state.now += 8 * 86_400_000;
	t.is(await deliver(), 1);
	t.is(metrics.count('deliveries', { outcome: 'given_up' }), 100, 'what waited for a week');
	t.deepEqual(await database.query('SELECT 1 FROM delivery WHERE due_at IS NOT NULL'), []);
});

onBoth('a delivery that its receiver never takes does not keep the next ones from it', async (t, database) => {
	const hook = await receiver([500, 200, 200, 500, 500]);
	const subscription = { id: 'app', kinds: ['tethering'], target: 'webhook', secret: SECRET } as const;
	await addSubscription(database, { ...subscription, address: hook.url }, LOOPBACK, NOW);
	await addMany(database, 'tethering', 3);
	const { state, deliver, metrics } = ports(database);
	await deliver();
	for (let second = 0; second < 20; second++) {
		state.now += 1000;
		await deliver();
	}
	t.is(metrics.count('deliveries', { outcome: 'delivered' }), 3);
	hook.close();
});

onBoth('events reach a topic of the broker, but none of its own', async (t, database) => {
	const subscription = {
		id: 'app',
		kinds: ['tethering'],
		target: 'mqtt',
		address: 'apps/credit',
		secret: SECRET,
	} as const;
	for (const address of ['octroi/1/all/down/policy', 'a/+/b', '#', '$SYS/x']) {
		await t.throwsAsync(() => addSubscription(database, { ...subscription, address }, [], NOW), {
			message: /not valid/,
		});
	}
	t.is(await addSubscription(database, subscription, [], NOW), 'done');
	t.is(await addSubscription(database, subscription, [], NOW), 'exists');
	await t.throwsAsync(() => addSubscription(database, { ...subscription, kinds: [] }, [], NOW), {
		message: /something else/,
	});
	await addEvents(
		database,
		[{ ap: 'cafe', id: '~1', kind: 'tethering', account: 'alice', at: NOW, details: { share: 80 } }],
		NOW,
	);
	const { state, deliver } = ports(database);
	await deliver();
	t.is(state.published[0]?.topic, 'apps/credit');
	const { at, signature, body } = JSON.parse(state.published[0]?.payload as string);
	t.is(signature, signatureOf(SECRET, at, body));
	t.like(JSON.parse(body), { kind: 'tethering', ap: 'cafe', details: { share: 80 } });
});

onBoth('who has unsubscribed is told nothing any more', async (t, database) => {
	await addSubscription(
		database,
		{ id: 'app', kinds: ['tethering'], target: 'webhook', address: 'http://127.0.0.1:9/', secret: SECRET },
		LOOPBACK,
		NOW,
	);
	await addEvents(database, [{ ap: 'cafe', id: '~1', kind: 'tethering', at: NOW, details: {} }], NOW);
	await removeSubscription(database, 'app');
	t.is(await ports(database).deliver(), 0);
});
