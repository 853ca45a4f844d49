import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import type { Database } from '../../../carrier/database/database.ts';
import { addEvents } from '../../../carrier/fleet/events.ts';
import { Metrics } from '../../../carrier/metrics.ts';
import { deliverDue, signatureOf } from '../../../carrier/subscription/deliveries.ts';
import { addSubscription, removeSubscription } from '../../../carrier/subscription/subscriptions.ts';
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
	return {
		state,
		lines,
		metrics,
		deliver: () => deliverDue({ database, clock, log, metrics, publish, privateHosts: LOOPBACK }),
	};
}

onBoth('out of credit reaches a webhook, signed, and is tried again until it is taken', async (t, database) => {
	const hook = await receiver([500, 302, 200]);
	await addSubscription(
		database,
		{ id: 'app', kinds: ['credit.restored'], account: 'alice', target: 'webhook', address: hook.url, secret: SECRET },
		LOOPBACK,
		NOW,
	);
	await addFunded(database, 'alice', 1000);
	await addFunded(database, 'bob', 1000);
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
	t.like(JSON.parse(body), { kind: 'credit.restored', account: 'alice' });
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
	t.is(lines.filter(({ message }) => message === 'a delivery failed').length, 2);
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
