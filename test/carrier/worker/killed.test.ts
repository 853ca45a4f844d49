import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import mqtt from 'mqtt';
import { openDatabase } from '../../../carrier/database/open-database.ts';
import { KeyRing } from '../../../carrier/key/key-ring.ts';
import { silentLog } from '../../../carrier/log.ts';
import { verify } from '../../../carrier/verify.ts';
import { startMosquitto } from '../mosquitto.ts';
import { startPostgres } from '../postgres-server.ts';
import { addAccessPoints, addFunded, batchOf, MEBIBYTE, recordOf } from '../scene.ts';

const BATCHES = 120;
const RECORDS = 20;
const KILLS = 5;

async function startWorker(config: string): Promise<ChildProcess> {
	const child = spawn(process.execPath, ['build/carrier/main.js', 'worker', '--config', config], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	for await (const chunk of child.stdout as NodeJS.ReadableStream)
		if (String(chunk).includes('the platform runs')) break;
	return child;
}

test('a worker that is killed while it writes loses nothing, and counts nothing twice', async (t) => {
	const broker = await startMosquitto();
	const server = await startPostgres();
	const directory = mkdtempSync(join(tmpdir(), 'octroi-killed-'));
	const url = server.url('postgres');
	const database = await openDatabase({ url }, silentLog);
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', 100 * MEBIBYTE);
	new KeyRing(join(directory, 'keys')).create('first');
	const config = join(directory, 'config.json');
	writeFileSync(
		config,
		JSON.stringify({ version: 1, database: { url }, broker: { url: broker.url }, keys: join(directory, 'keys') }),
	);
	const client = await mqtt.connectAsync(broker.url, { protocolVersion: 4 });
	let acknowledged = 0;
	let wake = () => {};
	client.on('message', (_topic, payload) => {
		const [, body = ''] = payload.toString().split('.');
		acknowledged = Math.max(acknowledged, JSON.parse(Buffer.from(body, 'base64url').toString()).body.sequence);
		wake();
	});
	await client.subscribeAsync('octroi/1/cafe/down/ack', { qos: 1 });
	let worker = await startWorker(config);
	for (let kills = 0; acknowledged < BATCHES; kills++) {
		const goal = kills < KILLS ? Math.min(BATCHES - 1, acknowledged + 15) : BATCHES;
		const reached = new Promise<void>((done) => {
			wake = () => acknowledged >= goal && done();
		});
		// All that was not acknowledged is sent again, as an access point does.
		for (let sequence = acknowledged + 1; sequence <= BATCHES; sequence++) {
			const records = Array.from({ length: RECORDS }, (_, index) =>
				recordOf({ id: `r${sequence}.${index}`, account: 'local', amount: 10 }),
			);
			client.publish('octroi/1/cafe/up/usage', JSON.stringify(batchOf('cafe', sequence, records).usage), { qos: 1 });
		}
		await reached;
		if (kills >= KILLS) break;
		// It is in the middle of the others.
		worker.kill('SIGKILL');
		await once(worker, 'exit');
		worker = await startWorker(config);
	}
	t.is(acknowledged, BATCHES);
	t.deepEqual(await database.query('SELECT count(*) AS count, sum(amount) AS amount FROM usage_record'), [
		{ count: BATCHES * RECORDS, amount: BATCHES * RECORDS * 10 },
	]);
	t.deepEqual(
		(await verify(database)).flatMap(({ broken }) => broken),
		[],
	);
	worker.kill('SIGTERM');
	await once(worker, 'exit');
	await client.endAsync(true);
	await database.close();
	await broker.stop();
	await server.stop();
	rmSync(directory, { recursive: true, force: true });
});
