import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../../carrier/clock.ts';
import { BROKER_FAULTS, type BrokerFault } from '../../../carrier/worker/broker-fault.ts';
import { openLine } from '../../../carrier/worker/mqtt-line.ts';
import { REASON_CODES, RETURN_CODES } from '../../../protocol/broker-answers.ts';
import { type Script, ScriptedBroker } from '../../agent/sync/scripted-broker.ts';
import { HANG_MS } from '../../lab/until.ts';
import { keepingLog, type Line } from '../logged.ts';

async function soon(isSo: () => boolean): Promise<void> {
	const end = performance.now() + HANG_MS;
	while (!isSo()) {
		if (performance.now() > end) throw new Error(`waited in vain: ${isSo}`);
		await turn();
	}
}

/** A line to a broker that answers as the script says, until there are so many faults. */
async function faultsOf(t: ExecutionContext, script: Script, count: number, isSteady = true) {
	const broker = await ScriptedBroker.start(t, script);
	const lines: Line[] = [];
	const found: BrokerFault[] = [];
	let opened = 0;
	const system = systemClock();
	// The start does not wait for the line.
	const clock = {
		wallMs: system.wallMs,
		after: (ms: number, call: () => void) => system.after(isSteady ? 0 : ms, call),
	};
	const place = { url: broker.url, clientId: 'platform', protocol: script.version, isShared: true, group: 'test' };
	const line = await openLine(place, clock, keepingLog(lines).log, {
		receive: () => undefined,
		onOpen: () => void opened++,
		onFault: (fault) => void found.push(fault),
		random: () => 0,
	});
	await soon(() => found.length >= count);
	await line.close();
	return { broker, lines, found, opened };
}

test('a broker that does not let the platform hear what access points send is not asked again at once; the log says so once', async (t) => {
	const { broker, lines, found, opened } = await faultsOf(
		t,
		{ version: '5', suback: { code: 0x87, reason: 'by the ACL' } },
		3,
	);
	t.deepEqual(new Set(found), new Set(['subscription']));
	t.is(opened, 0);
	// Each connection is made behind a wait of its own, and said to be a fault.
	t.true(broker.connections <= found.length + 1, `${broker.connections} connections`);
	t.is(lines.filter(({ message }) => message === BROKER_FAULTS.subscription).length, 1);
	t.is(lines.at(0)?.fields.answer, '0x87 not authorized: "by the ACL"');
});

for (const [packet, version, codes] of [
	['CONNACK', '5', REASON_CODES],
	['CONNACK', '3.1.1', RETURN_CODES],
	['DISCONNECT', '5', REASON_CODES],
] as const) {
	test(`every code in ${packet} of MQTT ${version} is a fault with a name, and the log has the code`, async (t) => {
		for (const [number, { nature, packets, says }] of Object.entries(codes)) {
			if (nature === 'good' || !packets.includes(packet)) continue;
			const code = Number(number);
			const script = packet === 'CONNACK' ? { version, connack: { code } } : { version, disconnect: { code } };
			const { lines, found } = await faultsOf(t, script, 1);
			t.true(Object.hasOwn(BROKER_FAULTS, found[0] ?? ''), `${code}: ${found}`);
			t.false(['closed', 'error', 'network'].includes(found[0] ?? ''), `${code}: ${found}`);
			t.true(
				lines.some(({ fields }) => String(fields.answer).includes(says)),
				`${code}: ${JSON.stringify(lines)}`,
			);
		}
	});
}

test('a broker that takes every connection and ends it at once is tried ever more rarely, and the log says so once', async (t) => {
	const began = performance.now();
	const { lines, found, opened } = await faultsOf(t, { version: '3.1.1', disconnect: { code: 0 } }, 4, false);
	t.deepEqual(new Set(found), new Set(['closed']));
	t.true(opened >= 4);
	// Without chance the waits are 1, 1, 2, 4 … s.
	t.true(performance.now() - began >= 4000);
	t.is(lines.filter(({ message }) => message === BROKER_FAULTS.closed).length, 1);
	t.is(lines.filter(({ message }) => message === 'the line to the broker is open').length, 1);
});
