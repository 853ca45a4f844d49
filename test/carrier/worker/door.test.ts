import test from 'ava';
import { admit } from '../../../carrier/worker/door.ts';
import { batchOf, eventOf, recordOf } from '../scene.ts';

const TOPIC = 'octroi/1/cafe/up/usage';

function refusal(topic: string, payload: string | Buffer): string {
	const admitted = admit(topic, Buffer.from(payload));
	return admitted.ok ? 'admitted' : admitted.reason;
}

function usageText(changes: object = {}): string {
	return JSON.stringify({ ...batchOf('cafe', 1, [recordOf({ id: 'a' })]).usage, ...changes });
}

test('a right message is admitted, with the digest of its bytes', (t) => {
	t.like(admit(TOPIC, Buffer.from(usageText())), { ok: true, message: { ap: 'cafe', kind: 'usage' } });
});

for (const [what, topic, payload, reason] of [
	['another topic', 'octroi/1/cafe/up/other', '{}', 'topic'],
	['a topic of the other direction', 'octroi/1/cafe/down/ack', '{}', 'topic'],
	['another version', 'octroi/2/cafe/up/usage', usageText(), 'topic'],
	['the name of all', 'octroi/1/all/up/usage', usageText({ ap: 'all' }), 'topic'],
	['what is no JSON', TOPIC, '{"version":1', 'json'],
	['what is no UTF-8', TOPIC, Buffer.from([0x22, 0xff, 0x22]), 'json'],
	['brackets in each other that never end', TOPIC, '['.repeat(100_000), 'depth'],
	['sixty thousand brackets in each other that all end', TOPIC, '['.repeat(60_000) + ']'.repeat(60_000), 'depth'],
	[
		'the same in a member that nobody asks for',
		TOPIC,
		usageText({ more: 0 }).replace('"more":0', `"more":${'{"a":'.repeat(30_000)}0${'}'.repeat(30_000)}`),
		'depth',
	],
	['a hundred thousand values', TOPIC, `[${'0,'.repeat(100_000)}0]`, 'depth'],
	['an enormous message, whatever it says', TOPIC, ' '.repeat(256 * 1024 + 1), 'size'],
	[
		'501 records',
		TOPIC,
		usageText({ records: Array.from({ length: 501 }, (_, id) => recordOf({ id: `r${id}` })) }),
		'schema',
	],
	['the usage of another access point', TOPIC, usageText({ ap: 'hotel' }), 'wrong_ap'],
] as const) {
	test(`refused at the door: ${what}`, (t) => {
		t.is(refusal(topic, payload), reason);
	});
}

test('a schema fault names its path', (t) => {
	const admitted = admit(TOPIC, Buffer.from(usageText({ sequence: 0 })));
	t.is(admitted.ok ? undefined : admitted.faults[0]?.path, 'sequence');
});

const GOOD = recordOf({ id: 'good' });

for (const [what, changes] of [
	['a negative amount', { records: [GOOD, { ...recordOf({ id: 'a' }), amount: -1 }] }],
	['an amount that no double can hold', { records: [{ ...recordOf({ id: 'a' }), amount: 2 ** 60 }, GOOD] }],
	['an account with a capital letter', { records: [GOOD, recordOf({ id: 'a', account: 'Alice' })] }],
	['a record that is a list', { records: [[], GOOD] }],
	['a record that is nothing', { records: [null, GOOD] }],
	['a record of a unit that is none', { records: [GOOD, { ...GOOD, unit: 'hour' }] }],
	['an event of another access point', { records: [GOOD], events: [eventOf('hotel', 'e', 'credit.out', {})] }],
	['an event of no kind', { records: [GOOD], events: [eventOf('cafe', 'e', 'Credit!', {})] }],
] as const) {
	test(`for a person, while the rest counts: ${what}`, (t) => {
		const admitted = admit(TOPIC, Buffer.from(usageText(changes)));
		if (!admitted.ok || admitted.message.kind !== 'usage') return t.fail(JSON.stringify(admitted));
		const { usage, faulty } = admitted.message.batch;
		t.deepEqual(usage.records, [GOOD]);
		t.deepEqual(usage.events, []);
		t.is(faulty.length, 1);
		t.like(faulty[0], { ap: 'cafe', reason: 'malformed' });
	});
}
