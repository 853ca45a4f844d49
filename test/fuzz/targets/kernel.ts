import { isDeepStrictEqual } from 'node:util';
import {
	decodeConntrack,
	decodeFlowtable,
	decodeHtbClass,
	decodeLink,
	decodeNeighbour,
	decodeNfTablesEvent,
	decodeObject,
	decodeQdisc,
	decodeSetElements,
	decodeTable,
	encodeObject,
	type NetlinkMessage,
	visitCounters,
} from '../../../agent/netlink/index.ts';
import { messagesOf } from '../../../agent/netlink/message.ts';
import { decodeQueuedPacket } from '../../../agent/netlink/queue-packet.ts';
import { readAnswer } from '../../../agent/netlink/refusal.ts';
import { captured } from '../../agent/netlink/captured-file.ts';
import { type FuzzTarget, holds, refusing } from '../fuzz-target.ts';

const FILES =
	'counter-objects quota-objects limit-objects elements-station elements-quota-of elements-up-of tables refusal-not-found refusal-batch event-quota-depleted conntrack links neighbours flowtable-by-hand classes root-qdisc'.split(
		' ',
	);
const DATAGRAMS = FILES.flatMap(captured).map((datagram) => datagram.subarray(0, 2048));
const PACKETS = captured('queue-packets');
const MALFORMED = ['netlink_malformed'];

const DECODERS: readonly ((message: NetlinkMessage) => unknown)[] = [
	decodeConntrack,
	decodeFlowtable,
	decodeHtbClass,
	decodeLink,
	decodeNeighbour,
	decodeNfTablesEvent,
	decodeObject,
	decodeQdisc,
	decodeSetElements,
	decodeTable,
	readAnswer,
	(message) => visitCounters(message, () => undefined),
];

/** Each decoder sees each message; it decodes or is `netlink_malformed`, and nothing else. */
function eachMessage(input: Buffer, decoders: readonly ((message: NetlinkMessage) => unknown)[]): void {
	for (const message of refusing(MALFORMED, () => messagesOf(input)) ?? [wholeOf(input)]) {
		for (const decode of decoders) refusing(MALFORMED, () => decode(message));
	}
}

function objectTwice(message: NetlinkMessage): void {
	const object = decodeObject(message);
	if (object === undefined) return;
	// The kernel may have a rate per hour, which we never set: it is no whole number of bytes a second.
	const buffer = refusing(['invalid_value'], () => encodeObject(object));
	if (buffer === undefined) return;
	const again = decodeObject({ ...message, buffer, start: 0, end: buffer.length });
	// Members are in the order of the attributes.
	holds(isDeepStrictEqual(again, object), 'an object is the same after its way through the bytes');
}

function packetOf(message: NetlinkMessage): void {
	const packet = decodeQueuedPacket(message);
	if (packet !== undefined) holds(packet.payload.length <= message.buffer.length, 'no more than came');
}

/** As if the header had been right: the decoders see what the framing would have refused. */
function wholeOf(buffer: Buffer): NetlinkMessage {
	const start = Math.min(16, buffer.length);
	return { buffer, type: 0xa12, flags: 0x200, sequence: 1, start, end: buffer.length };
}

/** What the kernel says by netlink. It is believed, but strangers choose parts of it: addresses, names, packets. */
export const KERNEL: readonly FuzzTarget[] = [
	{
		name: 'netlink',
		title: 'messages of the kernel: objects, elements, neighbours, links, classes',
		make: (random) => random.pick(DATAGRAMS),
		bytesMax: 2048,
		check(input) {
			eachMessage(input, DECODERS);
		},
	},
	{
		name: 'netlink-object',
		title: 'counters, quotas and limits of the kernel; what is read can be written',
		make: (random) => random.pick(DATAGRAMS).subarray(0, 512),
		check(input) {
			eachMessage(input, [objectTwice]);
		},
	},
	{
		name: 'queued-packet',
		title: 'a packet of a stranger in the envelope of the kernel',
		make: (random) => random.pick(PACKETS),
		bytesMax: 1024,
		check(input) {
			eachMessage(input, [packetOf]);
		},
	},
];
