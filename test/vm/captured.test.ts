import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
	decodeFlowtable,
	decodeNfTablesEvent,
	encodeFlowtable,
	type NetlinkMessage,
	NFT_MSG_DELFLOWTABLE,
	NFT_MSG_NEWFLOWTABLE,
} from '../../agent/netlink/index.ts';
import { messagesOf } from '../../agent/netlink/message.ts';
import { PROJECT_ROOT } from '../lab/project-root.ts';

/** What a kernel with flowtables said; made anew by `npm run vm -- offload --artifacts test/vm/captured`. */
function flowtableMessages(name: string): NetlinkMessage[] {
	return readFileSync(join(PROJECT_ROOT, 'test/vm/captured', `${name}.hex`), 'latin1')
		.split('\n')
		.filter((line) => line !== '' && !line.startsWith('#'))
		.flatMap((line) => messagesOf(Buffer.from(line, 'hex')))
		.filter(({ type }) => type === NFT_MSG_NEWFLOWTABLE || type === NFT_MSG_DELFLOWTABLE);
}

const high = { family: 1, table: 'fw4', name: 'ft', handle: 2, flags: 0, hook: 0, priority: 0 };
const low = { family: 1, table: 'fw4', name: 'low', handle: 3, flags: 2, hook: 0, priority: -10, useCount: 0 };

const rows: { file: string; event: string; useCount: number }[] = [
	{ file: 'flowtable-dump', event: 'flowtable-new', useCount: 1 },
	{ file: 'flowtable-event-new', event: 'flowtable-new', useCount: 1 },
	// The rule that used it is gone by then.
	{ file: 'flowtable-event-deleted', event: 'flowtable-deleted', useCount: 0 },
];

for (const { file, event, useCount } of rows) {
	test(`the kernel's own ${file} names each flowtable with its devices`, (t) => {
		const flowtables = flowtableMessages(file).map((message) => {
			const { devices, ...rest } = decodeFlowtable(message);
			return { ...rest, devices: devices.toSorted() };
		});
		t.deepEqual(flowtables, [
			{ ...high, useCount, devices: ['lan1', 'wan'] },
			{ ...low, devices: ['phy0-ap0'] },
		]);
	});

	test(`the kernel's own ${file} is understood as ${event}`, (t) => {
		const events = flowtableMessages(file).map((message) => decodeNfTablesEvent(message)?.event);
		t.deepEqual(events, [event, event]);
	});

	test(`flowtables of the kernel's own ${file} become the same bytes again`, (t) => {
		const messages = flowtableMessages(file);
		t.is(messages.length, 2);
		for (const message of messages) {
			const payload = Buffer.from(message.buffer.subarray(message.start, message.end));
			// nfgenmsg.res_id is the ruleset's generation, no part of the flowtable.
			payload.writeUInt16BE(0, 2);
			t.deepEqual(encodeFlowtable(decodeFlowtable(message)), payload);
		}
	});
}
