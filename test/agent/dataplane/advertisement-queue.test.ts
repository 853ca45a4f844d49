import test from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import { AdvertisementQueue } from '../../../agent/dataplane/advertisement-queue.ts';
import { withCaptivePortal } from '../../../agent/dataplane/router-advertisement.ts';
import { HEADER_BYTES, messagesOf, writeMessage } from '../../../agent/netlink/message.ts';
import { decodeQueueParameters } from '../../../agent/netlink/queue-config.ts';
import { encodeQueuedPacket } from '../../../agent/netlink/queue-packet.ts';
import { ipPacket } from '../../lab/frames/ip-packet.ts';
import { acknowledge, type SocketListener, verdictsOf } from './queue-fake.ts';

const URI = 'https://portal.home.arpa/api/captive-portal';
const PACKET = 0x300;
const CONFIG = 0x302;
const ADVERTISEMENT = ipPacket(
	{ source: 'fe80::1', destination: 'ff02::1', hopLimit: 255 },
	{ protocol: 58, bytes: Buffer.from('86000000404007080000000000000000', 'hex'), checksumAt: 2 },
);

/** A kernel that acknowledges what is configured, and keeps what it is told. */
async function started() {
	let listener: SocketListener | undefined;
	const sent: Buffer[] = [];
	const queue = new AdvertisementQueue({
		queue: 7211,
		uri: URI,
		log: silentLog,
		open(opened) {
			listener = opened;
			return {
				extendedErrors: false,
				close: () => undefined,
				send(bytes, done) {
					done(undefined);
					sent.push(Buffer.from(bytes));
					const answer = acknowledge(bytes);
					if (answer) queueMicrotask(() => listener?.datagram(answer));
				},
			};
		},
	});
	await queue.start();
	const of = (isWanted: (type: number) => boolean) => sent.filter((bytes) => isWanted(messagesOf(bytes)[0]?.type ?? 0));
	return {
		queue,
		configured: () => of((type) => type === CONFIG).flatMap(messagesOf),
		verdicts: () => of((type) => type !== CONFIG).flatMap(verdictsOf),
		give(id: number, payload: Buffer, length?: number) {
			const packet = { queue: 7211, id, protocol: 0x86dd, hook: 3, mark: 0x3f00, deviceIndex: 0 };
			const cut = length === undefined ? {} : { length };
			const bytes = encodeQueuedPacket({ ...packet, hardwareAddress: Buffer.alloc(0), payload, ...cut });
			const datagram = Buffer.alloc(HEADER_BYTES + bytes.length);
			writeMessage(datagram, 0, { type: PACKET, flags: 0, sequence: 0, payload: bytes });
			listener?.datagram(datagram);
		},
		tell: (bytes: Buffer) => listener?.datagram(bytes),
	};
}

test('an advertisement goes on with the option at once, and keeps its mark', async (t) => {
	const { give, verdicts, queue } = await started();
	give(1, ADVERTISEMENT);
	const [verdict] = verdicts();
	t.like(verdict, { queue: 7211, id: 1, verdict: 1, mark: 0 }, 'NF_ACCEPT, without a mark of ours');
	t.deepEqual(verdict?.packet, withCaptivePortal(ADVERTISEMENT, URI));
	t.deepEqual(queue.figures, { completed: 1, unchanged: 0 });
});

test('what is no advertisement, what has the option, what was cut, and nothing at all go on as they came', async (t) => {
	const { give, verdicts, queue } = await started();
	const packets = [Buffer.alloc(60), withCaptivePortal(ADVERTISEMENT, URI) as Buffer, Buffer.alloc(0)];
	for (const [index, packet] of packets.entries()) give(index + 1, packet);
	give(4, ADVERTISEMENT, 1400);
	t.deepEqual(
		verdicts().map(({ id, verdict, packet }) => ({ id, verdict, packet })),
		[1, 2, 3, 4].map((id) => ({ id, verdict: 1, packet: undefined })),
	);
	t.deepEqual(queue.figures, { completed: 0, unchanged: 4 });
});

test('the kernel holds two at most, whole, and lets others pass', async (t) => {
	const { configured } = await started();
	const parameters = configured().map(({ buffer, start, end }) => decodeQueueParameters(buffer.subarray(start, end)));
	t.deepEqual(parameters.at(-1), { copyBytes: 1280, lengthMax: 2, flags: 1 });
});

test('bytes that do not parse are no end, and after its stop it says nothing', async (t) => {
	const { give, tell, queue, verdicts } = await started();
	const broken = Buffer.alloc(HEADER_BYTES + 6);
	writeMessage(broken, 0, { type: PACKET, flags: 0, sequence: 0, payload: Buffer.alloc(6, 0xff) });
	tell(broken);
	give(2, ADVERTISEMENT);
	t.is(verdicts().at(-1)?.id, 2);
	queue.stop();
	queue.stop();
	give(3, ADVERTISEMENT);
	t.is(verdicts().at(-1)?.id, 2);
});
