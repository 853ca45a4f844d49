import test from 'ava';
import type { NetlinkMessage } from '../../../agent/netlink/index.ts';
import { messagesOf } from '../../../agent/netlink/message.ts';
import { decodeQueueParameters, setQueueParameters } from '../../../agent/netlink/queue-config.ts';
import { decodeQueuedPacket, encodeQueuedPacket, type QueuedPacket } from '../../../agent/netlink/queue-packet.ts';
import { batchVerdict, decodeVerdict, packetVerdict } from '../../../agent/netlink/queue-verdict.ts';
import { captured } from './captured-file.ts';

const messages = () => captured('queue-packets').flatMap(messagesOf);
const packets = () => messages().filter(({ type }) => type === 0x300);

test('packets of a queue become the same bytes again', (t) => {
	t.is(packets().length, 2);
	for (const message of packets()) {
		const packet = decodeQueuedPacket(message) as QueuedPacket;
		t.deepEqual(encodeQueuedPacket(packet), message.buffer.subarray(message.start, message.end));
	}
});

test('a packet tells its queue, its number, whose it is, its mark, and how long it was before it was cut', (t) => {
	const [first, second] = packets().map((message) => decodeQueuedPacket(message) as QueuedPacket);
	t.like(first, { queue: 7, id: 1, protocol: 0x0800, hook: 0, mark: 0x77, deviceIndex: 1, length: 78 });
	t.is(second?.id, 2);
	t.is(first?.hardwareAddress.length, 6);
	t.is(first?.payload.length, 40);
	t.is(first?.payload[0], 0x45, 'from the IP header on');
	t.is(messages().map(decodeQueuedPacket)[0], undefined, 'an acknowledgement is no packet');
});

test('a packet whose attributes are cut or lie about their lengths is refused, or read within its bounds', (t) => {
	const [message] = packets() as [NetlinkMessage];
	for (let end = message.start; end < message.end; end++) {
		try {
			decodeQueuedPacket({ ...message, end });
		} catch (error) {
			t.is((error as { code?: string }).code, 'netlink_malformed');
		}
	}
	const lying = encodeQueuedPacket(decodeQueuedPacket(message) as QueuedPacket);
	const at = lying.indexOf(Buffer.from('10000900', 'hex'));
	lying.writeUInt16BE(0xffff, at + 4);
	const whole = { ...message, buffer: lying, start: 0, end: lying.length };
	t.true((decodeQueuedPacket(whole) as QueuedPacket).hardwareAddress.length <= 8);
});

test('verdicts and parameters are read as they are written', (t) => {
	const verdict = { queue: 7210, id: 0xfffffffe, verdict: 4, mark: 0x80000077 };
	t.deepEqual(decodeVerdict(batchVerdict(verdict).payload), verdict);
	const one = { queue: 7211, id: 7, verdict: 1 };
	t.deepEqual(decodeVerdict(packetVerdict(one).payload), { ...one, mark: 0 });
	const packet = Buffer.from('a packet of odd length.');
	t.deepEqual(decodeVerdict(packetVerdict({ ...one, packet }).payload), { ...one, mark: 0, packet });
	const parameters = { copyBytes: 160, lengthMax: 256, flags: 5 };
	t.deepEqual(decodeQueueParameters(setQueueParameters(7210, parameters).payload), parameters);
});
