import { writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { WAIT_LONGEST_MS } from '../../../agent/sync/back-off.ts';
import { LINK_FAULTS, type LinkFault } from '../../../agent/sync/link-fault.ts';
import { REFUSED_WAITS } from '../../../agent/sync/publication-hold.ts';
import type { CarrierSettings } from '../../../agent/sync/sync.ts';
import { REASON_CODES, RETURN_CODES } from '../../../protocol/broker-answers.ts';
import { FakePlatform } from '../../fakes/fake-platform.ts';
import { temporaryFolder } from '../ledger/temporary-ledger.ts';
import { AccessPoint, soon } from './carrier-world.ts';
import { freePort, startMosquitto } from './real-broker.ts';
import { type Script, ScriptedBroker } from './scripted-broker.ts';

const HOUR_MS = 3_600_000;

async function startedPoint(t: ExecutionContext, settings: Partial<CarrierSettings> & { url: string }) {
	const ap = new AccessPoint(`${temporaryFolder(t)}/ledger.db`, { mqttVersion: '5', ...settings });
	t.teardown(() => ap.ledger.close());
	await ap.sync.start();
	t.teardown(() => ap.sync.stop());
	return ap;
}

function use(ap: AccessPoint): void {
	ap.buy('ann', 1_000_000);
	ap.open('s1', 'ann');
	ap.use('s1', 100, 23);
}

/** Time passes by hand, and the network has some turns of the event loop for each second. */
async function passTurning(ap: AccessPoint, byMs: number): Promise<void> {
	for (const end = ap.clock.bootMs() + byMs; ap.clock.bootMs() < end; ) {
		await ap.pass(1000);
		for (let turn = 0; turn < 10; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
	}
}

const linesOf = (ap: AccessPoint, text: RegExp) => ap.logged.filter((line) => text.test(line)).length;

test('usage that a broker of MQTT 5 denies by its ACL is offered ever more rarely, with the cause in the status and one line an hour, and goes when it may', async (t) => {
	const folder = temporaryFolder(t);
	const port = await freePort();
	const acl = `${folder}/acl`;
	const denied = 'topic read octroi/#\ntopic write octroi/1/cafe-7/up/state\ntopic write octroi/1/cafe-7/up/event\n';
	writeFileSync(acl, `${denied}user platform\ntopic readwrite octroi/#\n`);
	const broker = await startMosquitto(t, folder, [
		`listener ${port} 127.0.0.1`,
		'allow_anonymous true',
		`acl_file ${acl}`,
	]);
	const ap = await startedPoint(t, { url: `mqtt://127.0.0.1:${port}` });
	await soon(() => ap.sync.figures.connected);
	use(ap);
	await passTurning(ap, 2 * HOUR_MS);
	const offers = ap.sync.figures.faults.unpublished ?? 0;
	t.regex(ap.sync.figures.usageRefused ?? '', /0x87 not authorized/);
	t.regex(ap.warnings.at(-1) ?? '', /the broker does not take our usage: 0x87 not authorized/);
	t.true(ap.sync.figures.connected);
	t.true(offers >= 5 && offers <= 40, `${offers} offers in two hours`);
	t.true(linesOf(ap, /could not report|does not take our usage/) <= 3);
	// Who looks after the broker lets us, and it reads its settings again.
	writeFileSync(acl, 'topic readwrite octroi/#\nuser platform\ntopic readwrite octroi/#\n');
	broker.kill('SIGHUP');
	const platform = await FakePlatform.connect(`mqtt://127.0.0.1:${port}`);
	t.teardown(() => platform.close());
	const end = ap.clock.bootMs() + 4 * REFUSED_WAITS.longestMs;
	while (platform.bytesOf('ann') === 0 && ap.clock.bootMs() < end) await ap.pass(1000);
	t.is(platform.bytesOf('ann'), 123);
	t.is(ap.sync.figures.usageRefused, undefined);
	await ap.pass(2000);
	t.is(ap.warnings.at(-1), undefined);
	while (![...platform.events.values()].some(({ details }) => details.what === 'unpublished')) await ap.pass(1000);
});

test('usage that a broker of MQTT 3.1.1 drops in silence is sent again ever more rarely, with one line an hour', async (t) => {
	const broker = await ScriptedBroker.start(t, { version: '3.1.1' });
	const ap = await startedPoint(t, { url: broker.url, mqttVersion: '3.1.1' });
	await soon(() => ap.sync.figures.connected);
	use(ap);
	await ap.pass(2 * HOUR_MS);
	await soon(() => broker.usages > 0);
	t.true(broker.usages < 40, `${broker.usages} in two hours`);
	t.true((ap.sync.figures.faults.unacknowledged ?? 0) > 5);
	t.true(linesOf(ap, /does not acknowledge/) <= 3);
});

/** Two access points of one name, until they have thrown each other out so often. */
async function fight(t: ExecutionContext, url: string, fault: 'taken_over' | 'closed'): Promise<AccessPoint[]> {
	const points = [await startedPoint(t, { url }), await startedPoint(t, { url })];
	const fights = () => points.reduce((sum, { sync }) => sum + (sync.figures.faults[fault] ?? 0), 0);
	while (fights() < 24) for (const ap of points) await passTurning(ap, 1000);
	return points;
}

test('another client with our client id, as a broker of MQTT 5 says it: named, and the two throw each other out ever more rarely', async (t) => {
	const broker = await ScriptedBroker.start(t, { version: '5', takeover: { code: 0x8e } });
	const [ap, twin] = (await fight(t, broker.url, 'taken_over')) as [AccessPoint, AccessPoint];
	// Connections that stood for a while made no wait short again.
	t.true(ap.clock.bootMs() > WAIT_LONGEST_MS);
	t.true(ap.logged.some((line) => line.includes(LINK_FAULTS.taken_over)));
	t.true(linesOf(ap, /our client id/) <= 1 + ap.clock.bootMs() / HOUR_MS);
	while (ap.sync.figures.connected) await passTurning(twin, 1000);
	t.is(ap.sync.figures.fault, `${LINK_FAULTS.taken_over} (0x8E session taken over)`);
	await twin.sync.stop();
	while (!ap.sync.figures.connected) await passTurning(ap, 1000);
	t.is(ap.sync.figures.fault, undefined);
});

test('another client with our client id at a broker that does not say so (Mosquitto 2.0): it is named as what it may be', async (t) => {
	const folder = temporaryFolder(t);
	const port = await freePort();
	await startMosquitto(t, folder, [`listener ${port} 127.0.0.1`, 'allow_anonymous true']);
	const [ap, twin] = (await fight(t, `mqtt://127.0.0.1:${port}`, 'closed')) as [AccessPoint, AccessPoint];
	while (ap.sync.figures.connected) await passTurning(twin, 1000);
	t.is(ap.sync.figures.fault, `${LINK_FAULTS.closed} (again and again: perhaps a second access point has our name)`);
	t.true(ap.clock.bootMs() > 60_000);
});

/** One refused connection, and what people are told. */
async function faultAfter(t: ExecutionContext, script: Script): Promise<{ fault: string; ap: AccessPoint }> {
	const broker = await ScriptedBroker.start(t, script);
	const ap = await startedPoint(t, { url: broker.url, mqttVersion: script.version });
	await soon(() => ap.sync.figures.fault !== undefined);
	return { fault: ap.sync.figures.fault ?? '', ap };
}

const isBad = (codes: typeof REASON_CODES, packet: string) =>
	Object.entries(codes)
		.filter(([, { nature, packets }]) => nature !== 'good' && packets.includes(packet))
		.map(([code, answer]) => ({ code: Number(code), ...answer }));

for (const version of ['5', '3.1.1'] as const) {
	test(`every code with which a broker of MQTT ${version} refuses a connection is named`, async (t) => {
		for (const { code, says, about } of isBad(version === '5' ? REASON_CODES : RETURN_CODES, 'CONNACK')) {
			const { fault } = await faultAfter(t, { version, connack: { code } });
			t.true(fault.startsWith(LINK_FAULTS[about as LinkFault]), `${code}: ${fault}`);
			t.true(fault.includes(says), `${code}: ${fault}`);
		}
	});
}

test('every code with which a broker of MQTT 5 ends a connection is named', async (t) => {
	for (const { code, says, about } of isBad(REASON_CODES, 'DISCONNECT')) {
		const { fault } = await faultAfter(t, { version: '5', disconnect: { code, reason: `of ${code}` } });
		t.true(fault.startsWith(LINK_FAULTS[about as LinkFault]), `${code}: ${fault}`);
		t.true(fault.includes(`${says}: "of ${code}"`), `${code}: ${fault}`);
	}
});

test('every code with which a broker refuses a subscription is named', async (t) => {
	for (const { code, says } of isBad(REASON_CODES, 'SUBACK')) {
		const { fault } = await faultAfter(t, { version: '5', suback: { code, reason: 'words' } });
		t.is(fault, `${LINK_FAULTS.subscription} (0x${code.toString(16).toUpperCase()} ${says}: "words")`);
	}
	const { fault } = await faultAfter(t, { version: '3.1.1', suback: { code: 0x80 } });
	t.is(fault, `${LINK_FAULTS.subscription} (SUBACK 0x80 failure)`);
});

test('every code with which a broker refuses usage is named', async (t) => {
	for (const { code, says } of isBad(REASON_CODES, 'PUBACK')) {
		const broker = await ScriptedBroker.start(t, { version: '5', puback: { code, reason: 'words' } });
		const ap = await startedPoint(t, { url: broker.url });
		await soon(() => ap.sync.figures.connected);
		use(ap);
		while (ap.sync.figures.usageRefused === undefined) await passTurning(ap, 1000);
		t.is(ap.sync.figures.usageRefused, `0x${code.toString(16).toUpperCase()} ${says}: "words"`);
	}
});

test("the broker's words are bounded, and harmless on a terminal", async (t) => {
	const reason = `\u001b[31mred\u202e\u2028${'x'.repeat(60_000)}`;
	const { fault, ap } = await faultAfter(t, { version: '5', disconnect: { code: 0x98, reason } });
	t.regex(fault, /administrative action: "\?\[31mred\?\?x+…"\)$/);
	t.true(fault.length < 250);
	t.notRegex(JSON.stringify([...ap.warnings, ...ap.logged]), /\p{Cf}|\p{Cc}/u);
});

test('a passing refusal is tried again within seconds', async (t) => {
	const broker = await ScriptedBroker.start(t, { version: '5', puback: { code: 0x97 } });
	const ap = await startedPoint(t, { url: broker.url });
	await soon(() => ap.sync.figures.connected);
	use(ap);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.usageRefused !== undefined);
	const { usages } = broker;
	broker.script = { version: '5' };
	await ap.pass(4000);
	await soon(() => broker.usages > usages && ap.sync.figures.usageRefused === undefined);
	t.pass();
});

for (const [what, packet] of Object.entries({
	PINGRESP: [0xd0, 0],
	PUBACK: [0x40, 2, 0, 1],
	SUBACK: [0x90, 4, 0, 1, 0, 0],
	'PUBLISH at QoS 0': [0x30, 4, 0, 1, 0x61, 0],
})) {
	test(`a broker that sends ${what} without an end is left, and is tried ever more rarely`, async (t) => {
		const broker = await ScriptedBroker.start(t, { version: '5', flood: packet });
		const ap = await startedPoint(t, { url: broker.url });
		await soon(() => (ap.sync.figures.faults.flood ?? 0) > 0);
		t.is(ap.sync.figures.fault, LINK_FAULTS.flood);
		t.false(ap.sync.figures.connected);
		await passTurning(ap, HOUR_MS);
		t.true((ap.sync.figures.faults.flood ?? 0) >= 2, 'it is tried again');
		t.true(broker.connections <= 60, `${broker.connections} connections in an hour`);
	});
}
