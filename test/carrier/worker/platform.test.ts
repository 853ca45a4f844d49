import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import mqtt, { type MqttClient } from 'mqtt';
import { systemClock } from '../../../carrier/clock.ts';
import { openDatabase } from '../../../carrier/database/open-database.ts';
import { KeyRing } from '../../../carrier/key/key-ring.ts';
import { silentLog } from '../../../carrier/log.ts';
import { type Platform, startPlatform } from '../../../carrier/platform.ts';
import type { ReceivedBatch } from '../../../carrier/usage/received-batch.ts';
import { type Incoming, openLine } from '../../../carrier/worker/mqtt-line.ts';
import { type Envelope, envelope } from '../../../protocol/envelope.ts';
import { check } from '../../../protocol/shape.ts';
import { keyOf, open } from '../../../protocol/signature.ts';
import { keepingLog, type Line } from '../logged.ts';
import { type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { addAccessPoints, addFunded, batchOf, eventOf, MEBIBYTE, recordOf, SLICES } from '../scene.ts';

type World = { broker: Mosquitto; server: PostgresServer; directory: string; database: number };
const world = {} as World;

test.before(async () => {
	world.broker = await startMosquitto();
	world.server = await startPostgres();
	world.directory = mkdtempSync(join(tmpdir(), 'octroi-keys-'));
	world.database = 0;
	new KeyRing(world.directory).create('first');
});

test.after.always(async () => {
	await world.broker?.stop();
	await world.server?.stop();
	rmSync(world.directory, { recursive: true, force: true });
});

async function start(url: string, lines: Line[] = []): Promise<Platform> {
	return await startPlatform({
		database: { url },
		broker: { url: world.broker.url, protocol: '5', isShared: true },
		keys: world.directory,
		slices: SLICES,
		clock: systemClock(),
		log: keepingLog(lines).log,
	});
}

async function freshDatabase(...accessPoints: string[]): Promise<string> {
	const name = `platform_${++world.database}`;
	const { openPostgres } = await import('../../../carrier/database/postgres.ts');
	const administration = await openPostgres(world.server.url('postgres'), silentLog);
	await administration.script(`CREATE DATABASE ${name}`);
	await administration.close();
	const url = world.server.url(name);
	const database = await openDatabase({ url }, silentLog);
	await addAccessPoints(database, ...accessPoints);
	await addFunded(database, 'alice', 10 * MEBIBYTE);
	await database.close();
	return url;
}

/** An access point that hears what it is told, and believes only what is signed. */
class Listener {
	readonly heard: Envelope[] = [];
	#waiting: (() => void)[] = [];
	readonly client: MqttClient;

	private constructor(client: MqttClient) {
		this.client = client;
	}

	static async connect(ap: string): Promise<Listener> {
		const client = await mqtt.connectAsync(world.broker.url, { protocolVersion: 4 });
		const listener = new Listener(client);
		const [{ kid, x }] = new KeyRing(world.directory).forPolicies().keys as [{ kid: string; x: string }];
		const keys = new Map([[kid, await keyOf({ kid, x })]]);
		client.on('message', async (_topic, payload) => {
			const opened = await open(payload, keys);
			if (!opened.ok || !check(envelope, opened.message).ok) throw new Error('what came down is not valid');
			listener.heard.push(opened.message);
			for (const wake of listener.#waiting.splice(0)) wake();
		});
		await client.subscribeAsync([`octroi/1/${ap}/down/+`, 'octroi/1/all/down/policy'], { qos: 1 });
		return listener;
	}

	async until<Found extends Envelope>(isIt: (message: Envelope) => message is Found): Promise<Found>;
	async until(isIt: (message: Envelope) => boolean): Promise<Envelope>;
	async until(isIt: (message: Envelope) => boolean): Promise<Envelope> {
		for (;;) {
			const found = this.heard.find(isIt);
			if (found !== undefined) return found;
			await new Promise<void>((wake) => this.#waiting.push(wake));
		}
	}
}

const isAck = (sequence: number) => (message: Envelope) => message.kind === 'ack' && message.body.sequence === sequence;

test.serial('usage over a real broker is acknowledged, signed, after it is committed', async (t) => {
	const platform = await start(await freshDatabase('cafe'));
	const listener = await Listener.connect('cafe');
	const batch = batchOf('cafe', 1, [recordOf({ id: 'a' })]);
	await listener.client.publishAsync('octroi/1/cafe/up/usage', JSON.stringify(batch.usage), { qos: 1 });
	const ack = await listener.until(isAck(1));
	t.like(ack.body, { digest: batch.digest });
	t.is((await platform.database.query('SELECT 1 FROM usage_record')).length, 1);
	await platform.stop();
	await listener.client.endAsync(true);
});

test.serial(
	'a message is acknowledged when it is done, not when it arrives: the broker holds the others back',
	async (t) => {
		const place = { url: world.broker.url, protocol: '5', isShared: true, receiveMax: 2 } as const;
		const got: Incoming[] = [];
		let wake = () => {};
		const line = await openLine({ ...place, clientId: 'first' }, systemClock(), silentLog, {
			receive: (incoming) => {
				got.push(incoming);
				wake();
			},
			onOpen: () => undefined,
		});
		const arrived = (count: number) =>
			new Promise<void>((done) => {
				wake = () => got.length >= count && done();
				wake();
			});
		const listener = await Listener.connect('cafe');
		for (const text of ['one', 'two', 'three', 'four']) {
			await listener.client.publishAsync('octroi/1/cafe/up/usage', text, { qos: 1 });
		}
		await arrived(2);
		// What the broker would have sent before it answered this, it has sent.
		await line.publish('octroi/test', '');
		t.is(got.length, 2);
		got[1]?.done();
		await arrived(3);
		await line.publish('octroi/test', '');
		t.deepEqual(
			got.map(({ payload }) => Buffer.from(payload).toString()),
			['one', 'two', 'three'],
		);
		await line.close();
		got[0]?.done();
		t.pass('an acknowledgement of a connection that is gone goes nowhere');
		await listener.client.endAsync(true);
	},
);

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

test.serial('an unknown account and a restored access point have a metric, an event and a log line', async (t) => {
	const lines: Line[] = [];
	const platform = await start(await freshDatabase('cafe'), lines);
	const listener = await Listener.connect('cafe');
	const send = async (batch: ReceivedBatch) => {
		await listener.client.publishAsync('octroi/1/cafe/up/usage', JSON.stringify(batch.usage), { qos: 1 });
	};
	await send(batchOf('cafe', 1, [recordOf({ id: 'a', account: 'nobody' })]));
	await listener.until(isAck(1));
	await send(batchOf('cafe', 1, [recordOf({ id: 'other' })]));
	await send(batchOf('cafe', 2, [recordOf({ id: 'b' })]));
	await listener.until(isAck(2));
	t.is(platform.metrics.count('accounts_unknown', {}), 1);
	t.is(platform.metrics.count('batches', { fate: 'conflict' }), 1);
	t.is(platform.metrics.count('records', { fate: 'new' }), 2);
	const said = lines.map(({ message }) => message);
	t.true(said.includes('usage of accounts that the platform does not have'));
	t.true(said.includes('an access point came back from a backup'));
	t.deepEqual(await platform.database.query("SELECT kind FROM event WHERE ap = 'cafe' ORDER BY kind"), [
		{ kind: 'account.unknown' },
		{ kind: 'usage.conflict' },
	]);
	await platform.stop();
	await listener.client.endAsync(true);
});

test.serial('what is refused has a metric, an event and a log line, and stops nothing else', async (t) => {
	const lines: Line[] = [];
	const platform = await start(await freshDatabase('cafe'), lines);
	const listener = await Listener.connect('cafe');
	const send = (topic: string, payload: string) =>
		listener.client.publishAsync(`octroi/1/${topic}`, payload, { qos: 1 });
	const right = batchOf('cafe', 1, [recordOf({ id: 'a' })]).usage;
	await send('cafe/up/usage', '{');
	await send('cafe/up/usage', JSON.stringify({ ...right, records: 'none' }));
	await send('cafe/up/usage', ' '.repeat(300_000));
	await send('cafe/up/usage', JSON.stringify({ ...right, ap: 'hotel' }));
	await send('stranger/up/usage', JSON.stringify({ ...right, ap: 'stranger' }));
	await send(
		'cafe/up/state',
		JSON.stringify({
			version: 1,
			ap: 'cafe',
			online: true,
			softwareVersion: '1',
			policyVersion: 0,
			stream: right.stream,
			lastSequence: 0,
			sessions: 0,
			at: 86_400_000,
			clockSet: true,
		}),
	);
	await send('cafe/up/usage', JSON.stringify(right));
	await listener.until(isAck(1));
	for (const reason of ['json', 'schema', 'size', 'wrong_ap', 'unknown_ap']) {
		t.is(platform.metrics.count('messages_refused', { reason }), 1, reason);
		t.true(
			lines.some(
				({ level, message, fields }) =>
					level === 'warn' && message === 'a message was refused' && fields.reason === reason,
			),
		);
		t.is(
			(
				await platform.database.query(
					"SELECT 1 FROM event WHERE kind = 'message.refused' AND details->>'reason' = $1",
					[reason],
				)
			).length,
			1,
			reason,
		);
	}
	t.is(platform.metrics.count('clocks_skewed', {}), 1);
	t.is((await platform.database.query("SELECT 1 FROM event WHERE kind = 'clock.skewed'")).length, 1);
	t.is((await platform.database.query('SELECT 1 FROM usage_record')).length, 1);
	await platform.stop();
	await listener.client.endAsync(true);
});
