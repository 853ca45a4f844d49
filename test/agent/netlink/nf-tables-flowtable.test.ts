import test from 'ava';
import { decodeFlowtable, encodeFlowtable, type NetlinkMessage } from '../../../agent/netlink/index.ts';
import { messagesOf } from '../../../agent/netlink/message.ts';
import { captured } from './captured-file.ts';

const [message] = captured('flowtable-by-hand').flatMap(messagesOf) as [NetlinkMessage];

test('a flowtable names its devices, also those that a prefix stands for', (t) => {
	t.deepEqual(decodeFlowtable(message), {
		family: 1,
		table: 'fw4',
		name: 'ft',
		handle: 3,
		useCount: 1,
		flags: 1,
		hook: 0,
		priority: -10,
		devices: ['lan1', 'wan', 'phy0*'],
	});
});

test('a flowtable becomes the same bytes again', (t) => {
	t.deepEqual(encodeFlowtable(decodeFlowtable(message)), message.buffer.subarray(message.start, message.end));
});
