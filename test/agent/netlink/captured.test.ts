import test from 'ava';
import {
	decodeConntrack,
	decodeLink,
	decodeNeighbour,
	decodeNfTablesEvent,
	decodeObject,
	decodeSetElements,
	decodeTable,
	encodeObject,
	encodeSetElements,
	encodeTable,
	type NetlinkMessage,
	visitCounters,
} from '../../../agent/netlink/index.ts';
import { messagesOf } from '../../../agent/netlink/message.ts';
import { readAnswer } from '../../../agent/netlink/refusal.ts';
import { captured } from './captured-file.ts';

/** The messages of a captured file that carry data. */
function messages(name: string): NetlinkMessage[] {
	return captured(name)
		.flatMap(messagesOf)
		.filter(({ type }) => type >= 16);
}

/** Without nfgenmsg, whose last two bytes are the ruleset's generation in what the kernel sends. */
function attributes({ buffer, start, end }: NetlinkMessage): string {
	return buffer.toString('hex', start + 4, end);
}

const encoded = (payload: Buffer) => payload.toString('hex', 4);

for (const kind of ['counter', 'quota', 'limit'] as const) {
	test(`${kind} objects of a kernel become the same bytes again`, (t) => {
		for (const message of messages(`${kind}-objects`)) {
			const object = decodeObject(message);
			t.is(object?.kind, kind);
			if (object) t.is(encoded(encodeObject(object)), attributes(message));
		}
	});
}

for (const set of ['station', 'quota-of', 'up-of']) {
	test(`the elements of map ${set} become the same bytes again`, (t) => {
		for (const message of messages(`elements-${set}`)) {
			t.is(encoded(encodeSetElements(decodeSetElements(message))), attributes(message));
		}
	});
}

test('a table with its comment becomes the same bytes again', (t) => {
	const [message] = messages('tables') as [NetlinkMessage];
	const table = decodeTable(message);
	t.like(table, { table: 'octroi', comment: 'meter of the guest network' });
	t.is(encoded(encodeTable(table)), attributes(message));
});

test('objects decode to what was asked of the kernel', (t) => {
	t.like(messages('quota-objects').map(decodeObject)[0], { name: 'q1', limitBytes: 1000, usedBytes: 10, over: true });
	t.like(messages('limit-objects').map(decodeObject)[0], {
		name: 'slow',
		rateBytesPerSecond: 250_000,
		burstBytes: 65_536,
	});
	t.like(messages('counter-objects').map(decodeObject), {
		length: 3,
		0: { name: 'u1', bytes: 5_000_000_000, packets: 4_000_000 },
		1: { name: 'd65535', bytes: 2 ** 52 + 1, packets: 7 },
	});
});

test('elements decode to key, data or object, and time-out', (t) => {
	const element = (name: string) => messages(`elements-${name}`).map(decodeSetElements)[0]?.elements[0];
	t.like(element('station'), { key: Buffer.from('02005e100001', 'hex'), data: Buffer.from('00000100', 'hex') });
	t.like(element('quota-of'), { key: Buffer.from('00000100', 'hex'), object: 'q1', timeoutMs: 3_600_000 });
	t.like(element('up-of'), { object: 'u1', timeoutMs: undefined });
});

test('the fast path sees the same counters, and passes over names that are not a meter', (t) => {
	const seen: unknown[] = [];
	for (const message of messages('counter-objects')) visitCounters(message, (...counter) => seen.push(counter));
	t.deepEqual(seen, [
		[0x75, 1, 5_000_000_000, 4_000_000],
		[0x64, 65535, 2 ** 52 + 1, 7],
	]);
});

test('a quota that runs over is an event that says depleted', (t) => {
	const [event] = messages('event-quota-depleted').map(decodeNfTablesEvent);
	t.like(event, { event: 'object-new', object: { kind: 'quota', name: 'q1', table: 'octroi', depleted: true } });
});

test('a refusal tells number and place', (t) => {
	const [notFound] = captured('refusal-not-found').flatMap(messagesOf) as [NetlinkMessage];
	t.deepEqual(readAnswer(notFound), { error: 2, text: undefined, offset: 32 });
	t.deepEqual(
		captured('refusal-batch')
			.flatMap(messagesOf)
			.map((message) => readAnswer(message).error),
		[17, 2],
	);
});

test('a tracked flow, links and neighbours decode', (t) => {
	t.like(messages('conntrack').map(decodeConntrack)[0], {
		family: 'ipv4',
		mark: 0x10000,
		protocol: 17,
		source: '127.0.0.1',
		destinationPort: 4000,
	});
	const links = messages('links').map(decodeLink);
	t.deepEqual(
		links.map(({ name, up }) => [name, up]),
		[
			['lo', true],
			['br-guest', true],
		],
	);
	t.is(links[1]?.mac as string, '02:00:5e:10:00:fe');
	const rows = messages('neighbours').map(decodeNeighbour);
	t.like(
		rows.find(({ address }) => address === '203.0.113.7'),
		{ state: 'permanent', interfaceIndex: 2, mac: '02:00:5e:10:00:07' as never },
	);
	t.like(
		rows.find(({ address }) => address === '2001:db8:113::7'),
		{ state: 'stale' },
	);
});
