import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import mqtt, { type MqttClient } from 'mqtt';
import { openDatabase } from '../../../carrier/database/open-database.ts';
import { newToken } from '../../../carrier/http/tokens.ts';
import { KeyRing } from '../../../carrier/key/key-ring.ts';
import { silentLog } from '../../../carrier/log.ts';
import { verify } from '../../../carrier/verify.ts';
import { HANG_MS } from '../../lab/until.ts';
import { type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { type Ending, type PostgresServer, startPostgres } from '../postgres-server.ts';
import { addAccessPoints, addFunded, batchOf, recordOf } from '../scene.ts';

/** Callers of the API, and access points that report, all the time. */
const CALLERS = 8;
const SALE_BYTES = 1000;
const ENDINGS: readonly Ending[] = ['fast', 'immediate', 'killed'];
/** What every caller must have got through after a restart. */
const SALES_AFTER = 3;

type Platform = { readonly process: ChildProcess; readonly url: string; readonly token: string };
type Scene = { broker: Mosquitto; server: PostgresServer; directory: string; client: MqttClient };
const scene = {} as Scene;

test.serial.before(async () => {
	scene.broker = await startMosquitto();
	scene.server = await startPostgres({ durable: true });
	scene.directory = mkdtempSync(join(tmpdir(), 'octroi-restarts-'));
	scene.client = await mqtt.connectAsync(scene.broker.url, { protocolVersion: 4 });
});

test.after.always(async () => {
	await scene.client?.endAsync(true);
	await scene.broker?.stop();
	await scene.server?.stop();
	rmSync(scene.directory, { recursive: true, force: true });
});

async function startPlatform(): Promise<Platform> {
	const { broker, server, directory } = scene;
	const database = await openDatabase({ url: server.url('postgres') }, silentLog);
	await addAccessPoints(database, 'cafe');
	for (let caller = 0; caller < CALLERS; caller++) await addFunded(database, `caller-${caller}`, 0);
	await database.close();
	new KeyRing(join(directory, 'keys')).create('first');
	const tokens = join(directory, 'tokens');
	writeFileSync(tokens, '');
	const token = newToken(tokens, 'grace', randomBytes);
	const config = join(directory, 'config.json');
	const http = { port: 0, tokens };
	const place = { version: 1, database: { url: server.url('postgres') }, broker: { url: broker.url }, http };
	writeFileSync(config, JSON.stringify({ ...place, keys: join(directory, 'keys') }));
	const child = spawn(process.execPath, ['build/carrier/main.js', 'serve', '--config', config], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	let said = '';
	const url = await new Promise<string>((resolve, reject) => {
		child.once('exit', (code) => reject(new Error(`the platform ended with ${code}: ${said}`)));
		child.stdout?.on('data', (chunk: Buffer) => {
			said += chunk.toString();
			const [, found] = /"url":"([^"]+)".*the platform runs/.exec(said) ?? [];
			if (found !== undefined) resolve(found);
		});
	});
	child.stdout?.removeAllListeners('data').resume();
	return { process: child, url, token };
}

/** Sells one thing after another; a sale that was not answered is asked for again, with its number. */
class Caller {
	readonly account: string;
	sold = 0;
	readonly #platform: Platform;

	constructor(platform: Platform, index: number) {
		this.#platform = platform;
		this.account = `caller-${index}`;
	}

	async sellUntil(isOver: () => boolean): Promise<void> {
		while (!isOver()) {
			if (await this.#sell().catch(() => false)) this.sold += 1;
			else await delay(20);
		}
	}

	async #sell(): Promise<boolean> {
		const { url, token } = this.#platform;
		const sale = { shop: 'kiosk', transaction: `${this.account}-${this.sold}`, account: this.account };
		const answer = await fetch(`${url}/v1/sales`, {
			method: 'POST',
			headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
			body: JSON.stringify({ ...sale, credit: { unit: 'byte', amount: SALE_BYTES } }),
		});
		await answer.text();
		return answer.ok;
	}
}

/** An access point that sends each batch until it is acknowledged. */
class Reporter {
	acknowledged = 0;
	readonly #client: MqttClient;

	constructor(client: MqttClient) {
		this.#client = client;
	}

	async reportUntil(isOver: () => boolean): Promise<void> {
		this.#client.on('message', (_topic, payload) => {
			const [, body = ''] = payload.toString().split('.');
			const { sequence } = JSON.parse(Buffer.from(body, 'base64url').toString()).body;
			this.acknowledged = Math.max(this.acknowledged, sequence);
		});
		await this.#client.subscribeAsync('octroi/1/cafe/down/ack', { qos: 1 });
		while (!isOver()) {
			const sequence = this.acknowledged + 1;
			const usage = batchOf('cafe', sequence, [recordOf({ id: `r${sequence}`, account: 'guest', amount: 10 })]).usage;
			this.#client.publish('octroi/1/cafe/up/usage', JSON.stringify(usage), { qos: 1 });
			const end = performance.now() + 2000;
			while (this.acknowledged < sequence && performance.now() < end && !isOver()) await delay(10);
		}
	}
}

test('a database server that restarts under eight callers ends no process; what was answered is stored, once', async (t) => {
	const platform = await startPlatform();
	t.teardown(() => platform.process.kill('SIGKILL'));
	const callers = Array.from({ length: CALLERS }, (_, index) => new Caller(platform, index));
	const reporter = new Reporter(scene.client);
	let isOver = false;
	const work = [...callers.map((caller) => caller.sellUntil(() => isOver)), reporter.reportUntil(() => isOver)];
	const goOn = async (what: string) => {
		const goals = callers.map(({ sold }) => sold + SALES_AFTER);
		const goal = reporter.acknowledged + SALES_AFTER;
		const begin = performance.now();
		const end = performance.now() + HANG_MS;
		while (callers.some(({ sold }, index) => sold < (goals[index] as number)) || reporter.acknowledged < goal) {
			const { exitCode, signalCode } = platform.process;
			if (exitCode !== null || signalCode !== null) return t.fail(`${what}: the platform ended with ${exitCode}`);
			if (performance.now() > end) return t.fail(`${what}: it did not go on`);
			await delay(20);
		}
		t.log(`${what}: all went on after ${Math.round(performance.now() - begin)} ms`);
	};
	try {
		await goOn('at first');
		for (const how of [...ENDINGS, ...ENDINGS]) {
			await scene.server.restart(how);
			await goOn(how);
		}
	} finally {
		isOver = true;
	}
	await Promise.all(work);
	t.is(platform.process.exitCode, null);
	platform.process.kill('SIGTERM');
	if (platform.process.exitCode === null) await once(platform.process, 'exit');
	const database = await openDatabase({ url: scene.server.url('postgres') }, silentLog);
	for (const { account, sold } of callers) {
		const [row] = await database.query<{ count: number; amount: number }>(
			"SELECT count(*) AS count, sum(amount) AS amount FROM transfer WHERE account = $1 AND from_book = 'issued'",
			[account],
		);
		// The last sale may have been stored and not answered.
		t.true([sold, sold + 1].includes(row?.count ?? 0), `${account}: ${row?.count} stored, ${sold} answered`);
		t.is(row?.amount, (row?.count ?? 0) * SALE_BYTES);
	}
	const [usage] = await database.query<{ count: number }>('SELECT count(*) AS count FROM usage_record');
	t.true((usage?.count ?? 0) >= reporter.acknowledged);
	const broken = (await verify(database)).flatMap((law) => law.broken);
	t.deepEqual(broken, []);
	await database.close();
});
