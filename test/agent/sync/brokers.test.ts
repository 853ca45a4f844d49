import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { STABLE_MS, WAIT_LONGEST_MS } from '../../../agent/sync/back-off.ts';
import type { CarrierSettings } from '../../../agent/sync/sync.ts';
import { FakePlatform } from '../../fakes/fake-platform.ts';
import { temporaryFolder } from '../ledger/temporary-ledger.ts';
import { AccessPoint, carrierWorld, soon } from './carrier-world.ts';
import { freePort, makeCertificates, startMosquitto, startNats } from './real-broker.ts';

async function startedPoint(t: ExecutionContext, folder: string, settings: Partial<CarrierSettings> & { url: string }) {
	const ap = new AccessPoint(`${folder}/ledger.db`, settings);
	t.teardown(() => ap.ledger.close());
	await ap.sync.start();
	t.teardown(() => ap.sync.stop());
	return ap;
}

/** What every broker must carry: usage up, a signed command down, the last will. */
async function checkLine(t: ExecutionContext, ap: AccessPoint, platform: FakePlatform): Promise<void> {
	await platform.until(() => platform.states.at(-1)?.online === true);
	const terms = { name: 'day', title: 'A day', unit: 'byte', amount: 1000, atEnd: 'block' } as const;
	const body = { command: 'topup', account: 'ann', terms, create: true } as const;
	t.like(await platform.ask({ audience: 'cafe-7', id: 'c-1' }, { kind: 'command', body }), { outcome: 'done' });
	ap.open('s1', 'ann');
	ap.use('s1', 100, 23);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.acknowledged > 0 && ap.sync.figures.backlog.batches === 0);
	t.is(platform.bytesOf('ann'), 123);
	t.deepEqual(platform.broken, []);
}

/** A broker that wants certificates, and what its clients need. */
async function tlsBroker(t: ExecutionContext, clientDays = 30) {
	const folder = temporaryFolder(t);
	makeCertificates(folder, clientDays);
	const port = await freePort();
	const start = () =>
		startMosquitto(t, folder, [
			...[`listener ${port} 127.0.0.1`, `cafile ${folder}/ca.pem`, `certfile ${folder}/broker.pem`],
			...[`keyfile ${folder}/broker.key`, 'require_certificate true', 'allow_anonymous true'],
		]);
	const process = await start();
	const url = `mqtts://127.0.0.1:${port}`;
	const settings = { url, ca: `${folder}/ca.pem`, certificate: `${folder}/client.pem`, key: `${folder}/client.key` };
	const file = (name: string) => readFileSync(`${folder}/${name}`);
	const platform = await FakePlatform.connect(url, {
		ca: file('ca.pem'),
		cert: file('client.pem'),
		key: file('client.key'),
	});
	t.teardown(() => platform.close());
	return { folder, process, start, settings, platform };
}

for (const mqttVersion of ['3.1.1', '5'] as const) {
	test(`Mosquitto with TLS and client certificates, MQTT ${mqttVersion}`, async (t) => {
		const { folder, settings, platform } = await tlsBroker(t);
		const ap = await startedPoint(t, folder, { ...settings, mqttVersion });
		await checkLine(t, ap, platform);
		t.true((ap.sync.figures.certificateEndMs ?? 0) > 0);
	});
}

test('NATS, which knows MQTT 3.1.1 only', async (t) => {
	const folder = temporaryFolder(t);
	const port = await freePort();
	await startNats(t, folder, port);
	const url = `mqtt://127.0.0.1:${port}`;
	const platform = await FakePlatform.connect(url);
	t.teardown(() => platform.close());
	await checkLine(t, await startedPoint(t, folder, { url }), platform);
});

test('a wrong password for a month: attempts are rare, the disk does not fill, and the right one is taken without a restart', async (t) => {
	const folder = temporaryFolder(t);
	const port = await freePort();
	writeFileSync(`${folder}/users`, '');
	execFileSync('mosquitto_passwd', ['-b', `${folder}/users`, 'cafe-7', 'right']);
	writeFileSync(`${folder}/password`, 'wrong\n');
	await startMosquitto(t, folder, [
		`listener ${port} 127.0.0.1`,
		'allow_anonymous false',
		`password_file ${folder}/users`,
	]);
	const ap = await startedPoint(t, folder, {
		url: `mqtt://127.0.0.1:${port}`,
		user: 'cafe-7',
		passwordFile: `${folder}/password`,
	});
	ap.buy('ann', 1_000_000);
	ap.open('s1', 'ann');
	for (let attempt = 1; attempt <= 12; attempt += 1) {
		await soon(() => ap.sync.figures.fault !== undefined && ap.sync.figures.attempts === attempt);
		ap.use('s1', 1000, 0);
		// A wait lasts until its timer: then there is one more attempt, and no sooner.
		while (ap.sync.figures.attempts === attempt) await ap.pass(1000);
	}
	// Five minutes at most, with a spread of a half: a month has some ten thousand of them.
	t.true(ap.clock.bootMs() > 4 * (WAIT_LONGEST_MS / 2));
	await ap.pass(STABLE_MS);
	t.regex(ap.warnings.at(-1) ?? '', /refuses our name, password or certificate/);
	t.deepEqual(ap.sync.figures.backlog, { batches: 0, sessions: 1, events: 0 });
	writeFileSync(`${folder}/password`, 'right\n');
	while (!ap.sync.figures.connected) await ap.pass(1000);
	await ap.pass(1000);
	t.is(ap.warnings.at(-1), undefined);
	const platform = await FakePlatform.connect(ap.settings.url, { username: 'cafe-7', password: 'right' });
	t.teardown(() => platform.close());
	// It was published when nobody listened: it comes again.
	while (platform.events.size === 0) await ap.pass(1000);
	t.like([...platform.events.values()][0], { kind: 'fault', details: { what: 'offline', fault: 'credentials' } });
});

test('a broker whose certificate is of another authority is not spoken to', async (t) => {
	const folder = temporaryFolder(t);
	const other = temporaryFolder(t);
	makeCertificates(folder);
	makeCertificates(other);
	const port = await freePort();
	await startMosquitto(t, folder, [
		...[`listener ${port} 127.0.0.1`, 'allow_anonymous true', `cafile ${folder}/ca.pem`],
		...[`certfile ${folder}/broker.pem`, `keyfile ${folder}/broker.key`],
	]);
	const ap = await startedPoint(t, folder, { url: `mqtts://127.0.0.1:${port}`, ca: `${other}/ca.pem` });
	await soon(() => ap.sync.figures.fault !== undefined);
	t.regex(ap.sync.figures.fault ?? '', /certificate/);
});

test('a client certificate that expires while connected is reported, and its successor is taken with the next connection', async (t) => {
	const { folder, settings, platform, process, start } = await tlsBroker(t, 1);
	const ap = await startedPoint(t, folder, settings);
	await soon(() => ap.sync.figures.connected);
	const { certificateEndMs = 0 } = ap.sync.figures;
	ap.clock.skip(certificateEndMs - ap.clock.wallMs() - 3_600_000);
	await ap.pass(1500);
	t.regex(ap.warnings.at(-1) ?? '', /expires in 1 days/);
	ap.clock.skip(3_600_000);
	await ap.pass(2500);
	t.regex(ap.warnings.at(-1) ?? '', /has expired/);
	await soon(() => [...platform.events.values()].some(({ details }) => details.what === 'certificate'));
	t.true(ap.sync.figures.connected, 'the connection that stands goes on');
	const successor = temporaryFolder(t);
	makeCertificates(successor, 3000);
	for (const file of ['ca.pem', 'broker.pem', 'broker.key', 'client.pem', 'client.key']) {
		copyFileSync(`${successor}/${file}`, `${folder}/${file}`);
	}
	process.removeAllListeners('exit');
	process.kill('SIGKILL');
	await soon(() => !ap.sync.figures.connected);
	await start();
	while (!ap.sync.figures.connected) await ap.pass(1000);
	await ap.pass(1500);
	t.is(ap.warnings.at(-1), undefined);
});

test('a file that is missing is a fault of its own, until it is there', async (t) => {
	const { broker } = await carrierWorld(t);
	const folder = temporaryFolder(t);
	const ap = await startedPoint(t, folder, {
		url: broker.url,
		accessPoint: 'b',
		user: 'b',
		passwordFile: `${folder}/none`,
	});
	await soon(() => ap.sync.figures.fault !== undefined);
	t.regex(ap.sync.figures.fault ?? '', /file/);
	writeFileSync(`${folder}/none`, 'secret\n');
	while (!ap.sync.figures.connected) await ap.pass(1000);
	t.pass();
});

test('an enormous packet ends the connection when it begins, and the next one is made anew', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	await platform.client.publishAsync('octroi/1/cafe-7/down/command', Buffer.alloc(5_000_000, 'a'), { qos: 1 });
	await soon(() => !ap.sync.figures.connected);
	t.regex(ap.sync.figures.fault ?? '', /too large/);
	t.is(ap.sync.figures.refused.size, 1);
	while (!ap.sync.figures.connected) await ap.pass(1000);
	await checkLine(t, ap, platform);
});

test('a publication that the broker never acknowledged does not hold up those of the next connection', async (t) => {
	const { broker, platform, ap } = await carrierWorld(t);
	ap.buy('ann', 100_000);
	ap.open('s1', 'ann');
	ap.use('s1', 10, 5);
	// It takes the batch, and dies before it says so.
	broker.aedes.authorizePublish = (_client, { topic }, done) => {
		if (topic.endsWith('/usage')) setImmediate(() => broker.cut());
		else done(null);
	};
	await ap.pass(61_000);
	await soon(() => !ap.sync.figures.connected);
	broker.aedes.authorizePublish = (_client, _packet, done) => done(null);
	while (ap.sync.figures.backlog.batches + ap.sync.figures.backlog.sessions > 0) await ap.pass(1000);
	t.is(platform.bytesOf('ann'), 15);
});

test('a broker that dies loses nothing', async (t) => {
	const { broker, platform, ap } = await carrierWorld(t);
	ap.buy('ann', 100_000);
	ap.open('s1', 'ann');
	let used = 0;
	for (let round = 1; round <= 5; round += 1) {
		ap.use('s1', round, 1000);
		used += round + 1000;
		if (round % 2 === 1) broker.cut();
		await ap.pass(90_000);
		await soon(() => ap.sync.figures.connected);
	}
	while (ap.sync.figures.backlog.batches + ap.sync.figures.backlog.sessions > 0) await ap.pass(10_000);
	t.is(platform.bytesOf('ann'), used);
	t.is(platform.conflicts, 0);
});
