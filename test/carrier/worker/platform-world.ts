import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestFn } from 'ava';
import mqtt, { type MqttClient } from 'mqtt';
import { type Clock, systemClock } from '../../../carrier/clock.ts';
import { openDatabase } from '../../../carrier/database/open-database.ts';
import { KeyRing } from '../../../carrier/key/key-ring.ts';
import { silentLog } from '../../../carrier/log.ts';
import { type Platform, startPlatform } from '../../../carrier/platform.ts';
import type { BrokerPlace } from '../../../carrier/worker/mqtt-line.ts';
import { type Envelope, envelope } from '../../../protocol/envelope.ts';
import { check } from '../../../protocol/shape.ts';
import { keyOf, open } from '../../../protocol/signature.ts';
import { keepingLog, type Line } from '../logged.ts';
import { type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { addAccessPoints, addFunded, MEBIBYTE, SLICES } from '../scene.ts';

type World = { broker: Mosquitto; server: PostgresServer; directory: string; database: number };
/** Of this file of tests. */
export const world = {} as World;

/** A broker and a server for a file of tests. */
export function startWorld(test: TestFn): void {
	test.serial.before(async () => {
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
}

export async function start(
	url: string,
	{
		lines = [],
		clock = systemClock(),
		broker = {},
	}: { lines?: Line[]; clock?: Clock; broker?: Partial<BrokerPlace> } = {},
): Promise<Platform> {
	return await startPlatform({
		database: { url },
		broker: { url: world.broker.url, protocol: '5', isShared: true, ...broker },
		keys: world.directory,
		slices: SLICES,
		clock,
		log: keepingLog(lines).log,
	});
}

export async function freshDatabase(...accessPoints: string[]): Promise<string> {
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
export class Listener {
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

export const isAck = (sequence: number) => (message: Envelope) =>
	message.kind === 'ack' && message.body.sequence === sequence;
