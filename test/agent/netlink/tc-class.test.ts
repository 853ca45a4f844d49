import test from 'ava';
import {
	decodeHtbClass,
	decodeQdisc,
	encodeHtbClass,
	encodeHtbRoot,
	type NetlinkMessage,
	RTM_NEWQDISC,
	RTM_NEWTCLASS,
} from '../../../agent/netlink/index.ts';
import { messagesOf } from '../../../agent/netlink/message.ts';
import { captured } from './captured-file.ts';

const messages = (name: string) =>
	captured(name)
		.flatMap(messagesOf)
		.filter(({ type }) => type >= 16);
const view = (buffer: Buffer, type: number): NetlinkMessage => {
	return { buffer, type, flags: 0, sequence: 0, start: 0, end: buffer.length };
};

test('classes of a kernel have the rates, bursts and quanta that they were given', (t) => {
	const classes = messages('classes')
		.flatMap((message) => decodeHtbClass(message) ?? [])
		.sort((left, right) => left.handle - right.handle);
	t.deepEqual(
		classes.map(({ handle, parent, bytesPerSecond, quantumBytes }) => [handle, parent, bytesPerSecond, quantumBytes]),
		[
			[0x6f63_0007, 0xffff_ffff, 254_000, 2540],
			[0x6f63_0008, 0xffff_ffff, 5_000_000_000, 60_000],
		],
		'a rate beyond 32 bits too; a class of the root is shown under the root',
	);
	// The kernel keeps times of 64 ns.
	for (const [index, burst] of [3028, 1 << 20].entries()) {
		t.true(Math.abs((classes[index]?.burstBytes ?? 0) - burst) <= burst / 1000);
	}
	t.deepEqual(classes[0]?.figures, { bytes: 0, packets: 0, drops: 0, backlogBytes: 0, backlogPackets: 0 });
});

test('the root of a device tells its kind, its handle and its drops', (t) => {
	const [root] = messages('root-qdisc').map(decodeQdisc);
	t.like(root, { kind: 'htb', handle: 0x6f63_0000, parent: 0xffff_ffff, figures: { drops: 0, backlogPackets: 0 } });
});

test('a class is the same after its way through the bytes', (t) => {
	for (const bytesPerSecond of [1000, 254_000, 2 ** 32 - 2, 5_000_000_000]) {
		const htbClass = {
			interfaceIndex: 5,
			handle: 0x6f63_8007,
			parent: 0x6f63_0000,
			bytesPerSecond,
			quantumBytes: 1514,
		};
		const bytes = encodeHtbClass({ ...htbClass, burstBytes: 64_000 });
		t.like(decodeHtbClass(view(bytes, RTM_NEWTCLASS)), htbClass);
	}
});

test('other kinds and other messages are passed over', (t) => {
	const root = encodeHtbRoot({ interfaceIndex: 5, handle: 0x6f63_0000, defaultMinor: 0, overheadBytes: -14 });
	t.is(decodeHtbClass(view(root, RTM_NEWQDISC)), undefined);
	t.is(decodeQdisc(view(root, RTM_NEWTCLASS)), undefined);
	t.is(decodeQdisc(view(root, RTM_NEWQDISC))?.kind, 'htb');
});

test('what is shorter than its header is netlink_malformed', (t) => {
	t.throws(() => decodeHtbClass(view(Buffer.alloc(19), RTM_NEWTCLASS)), { code: 'netlink_malformed' });
	t.throws(() => decodeQdisc(view(Buffer.alloc(19), RTM_NEWQDISC)), { code: 'netlink_malformed' });
});
