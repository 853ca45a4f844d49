import test from 'ava';
import fc from 'fast-check';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
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
	type NetlinkMessage,
	visitCounters,
} from '../../../agent/netlink/index.ts';
import { messagesOf } from '../../../agent/netlink/message.ts';
import { readAnswer } from '../../../agent/netlink/refusal.ts';
import { captured } from './captured-file.ts';

const files = 'counter-objects quota-objects limit-objects elements-station elements-quota-of elements-up-of tables \
refusal-not-found refusal-batch event-quota-depleted conntrack links neighbours flowtable-by-hand classes root-qdisc'.split(
	/\s+/,
);
const datagrams = files.flatMap(captured);

const decoders: ((message: NetlinkMessage) => unknown)[] = [
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
	(message) => visitCounters(message, () => {}),
];

const mutation = fc.record({ at: fc.nat(), value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 3, 4, 127, 128, 255)) });

test('bytes that were changed, cut or made up decode or are netlink_malformed, and nothing else', (t) => {
	const arbitrary = fc.record({
		datagram: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...datagrams) }, fc.uint8Array({ maxLength: 200 })),
		mutations: fc.array(mutation, { maxLength: 8 }),
		cut: fc.nat(20),
	});
	fc.assert(
		fc.property(arbitrary, ({ datagram, mutations, cut }) => {
			// A copy of its own memory: a read past the end cannot find neighbours' bytes.
			const bytes = Buffer.from(datagram.subarray(0, Math.max(0, datagram.length - cut)));
			for (const { at, value } of mutations) if (bytes.length > 0) bytes[at % bytes.length] = value;
			for (const decode of decoders) {
				const messages = allowed(() => messagesOf(bytes)) ?? [wholeOf(bytes)];
				for (const message of messages) allowed(() => decode(message));
			}
		}),
		{ numRuns: 5000 },
	);
	t.pass();
});

/** A view as if the header had been right, so that the decoders see what the framing would have refused. */
function wholeOf(bytes: Buffer): NetlinkMessage {
	return {
		buffer: bytes,
		type: 0xa12,
		flags: 0x200,
		sequence: 1,
		start: Math.min(16, bytes.length),
		end: bytes.length,
	};
}

function allowed<Value>(call: () => Value): Value | undefined {
	try {
		return call();
	} catch (error) {
		if (error instanceof OctroiError && error.code === 'netlink_malformed') return undefined;
		throw error;
	}
}
