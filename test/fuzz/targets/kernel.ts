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
	decodeQdisc,
	decodeSetElements,
	decodeTable,
	readAnswer,
	(message) => visitCounters(message, () => undefined),
];

function eachMessage(input: Buffer, decode: (message: NetlinkMessage) => void): void {
	for (const message of refusing(MALFORMED, () => messagesOf(input)) ?? [wholeOf(input)]) {
		refusing(MALFORMED, () => decode(message));
	}
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
		shortCases: 10_000,
		check(input) {
			for (const decode of DECODERS) eachMessage(input, decode);
		},
	},
	{
		name: 'netlink-object',
		title: 'counters, quotas and limits of the kernel; what is read can be written',
		make: (random) => random.pick(DATAGRAMS).subarray(0, 512),
		check(input) {
			eachMessage(input, (message) => {
				const object = decodeObject(message);
				if (object === undefined) return;
				// The kernel may have a rate per hour, which we never set: it is no whole number of bytes a second.
				const buffer = refusing(['invalid_value'], () => encodeObject(object));
				if (buffer === undefined) return;
				const again = decodeObject({ ...message, buffer, start: 0, end: buffer.length });
				holds(
					JSON.stringify(again) === JSON.stringify(object),
					'an object is the same after its way through the bytes',
				);
			});
		},
	},
	{
		name: 'queued-packet',
		title: 'a packet of a stranger in the envelope of the kernel',
		make: (random) => random.pick(PACKETS),
		bytesMax: 1024,
		check(input) {
			eachMessage(input, (message) => {
				const packet = decodeQueuedPacket(message);
				if (packet !== undefined) holds(packet.payload.length <= input.length, 'no more than came');
			});
		},
	},
];
