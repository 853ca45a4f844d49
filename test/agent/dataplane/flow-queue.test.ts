import test from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import { FlowQueue, type FlowQueueOptions } from '../../../agent/dataplane/flow-queue.ts';
import {
	acknowledge,
	type NetlinkSocket,
	type OctroiErrorOf,
	packetBytes,
	type SocketListener,
	verdictsOf,
} from './queue-fake.ts';

const MASK = 0xffff8000;
const OWN = 0x80000000;
const TETHERED = 0x8000;

/** A kernel that acknowledges what is configured, and keeps what it is told of packets. */
async function started(options: Partial<FlowQueueOptions> = {}) {
	let listener: SocketListener | undefined;
	const sent: Buffer[] = [];
	const socket: NetlinkSocket = {
		extendedErrors: false,
		close: () => undefined,
		send(bytes, done) {
			done(undefined);
			const answer = acknowledge(bytes);
			if (answer) queueMicrotask(() => listener?.datagram(answer));
			else sent.push(Buffer.from(bytes));
		},
	};
	const queue = new FlowQueue({
		queue: 7210,
		mask: MASK,
		judge: { classify: (_station, packet) => (packet[0] === 0x66 ? 'tethered' : 'own') },
		log: silentLog,
		open(opened) {
			listener = opened;
			return socket;
		},
		...options,
	});
	await queue.start();
	return {
		queue,
		verdicts: () => sent.flatMap(verdictsOf),
		sends: () => sent.length,
		give: (...packets: Parameters<typeof packetBytes>[0][]) => {
			for (const packet of packets) listener?.datagram(packetBytes(packet));
		},
		lose: () => listener?.lost(),
	};
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a burst of one kind costs one verdict, for its last packet; another kind or another mark begins a new one', async (t) => {
	const { queue, give, verdicts, sends } = await started();
	give({ id: 1 }, { id: 2 }, { id: 3, tethered: true }, { id: 4, tethered: true }, { id: 5 }, { id: 6, mark: 0x3f00 });
	t.is(sends(), 0, 'nothing while packets keep coming');
	await turn();
	t.deepEqual(verdicts(), [
		{ queue: 7210, id: 2, verdict: 4, mark: OWN },
		{ queue: 7210, id: 4, verdict: 4, mark: TETHERED },
		{ queue: 7210, id: 5, verdict: 4, mark: OWN },
		{ queue: 7210, id: 6, verdict: 4, mark: (OWN | 0x3f00) >>> 0 },
	]);
	t.is(sends(), 1, 'all in one send');
	t.like(queue.figures, { own: 4, tethered: 2, losses: 0, unsent: 0 });
});

test('who keeps sending gets verdicts all the same', async (t) => {
	const { give, verdicts } = await started();
	for (let id = 1; id <= 100; id++) give({ id });
	t.is(verdicts().at(-1)?.id, 64);
	await turn();
	t.is(verdicts().at(-1)?.id, 100);
});

test('a judge that fails, and a packet without a sender, keep nobody waiting: they pass as own', async (t) => {
	const { give, verdicts, queue } = await started({
		judge: {
			classify() {
				throw new Error('a defect');
			},
		},
	});
	give({ id: 1 }, { id: 2, hardwareAddress: Buffer.alloc(0) });
	await turn();
	t.deepEqual(verdicts(), [{ queue: 7210, id: 2, verdict: 4, mark: OWN }]);
	t.is(queue.figures.own, 1);
});

test('who was judged is told once a burst, after the verdicts', async (t) => {
	const told: string[] = [];
	const { give, sends } = await started({ onJudged: (mac) => told.push(`${mac} ${sends()}`) });
	give({ id: 1 }, { id: 2 }, { id: 3 });
	await turn();
	t.deepEqual(told, ['02:00:5e:10:00:01 1']);
});

test('an overflow, and bytes that do not parse, are counted, and the queue goes on', async (t) => {
	const { give, lose, queue, verdicts } = await started();
	lose();
	give({ id: 1, cut: 30 });
	await turn();
	give({ id: 2 });
	await turn();
	t.is(queue.figures.losses, 2);
	t.is(verdicts().at(-1)?.id, 2);
	queue.stop();
	queue.stop();
});

test('a queue that another program has is refused with its reason', async (t) => {
	let listener: SocketListener | undefined;
	const queue = new FlowQueue({
		queue: 7210,
		mask: MASK,
		judge: { classify: () => 'own' },
		log: silentLog,
		open(opened) {
			listener = opened;
			return {
				extendedErrors: false,
				close: () => undefined,
				send(bytes, done) {
					done(undefined);
					queueMicrotask(() => listener?.datagram(acknowledge(bytes, 16) as Buffer));
				},
			};
		},
	});
	const error = await t.throwsAsync(queue.start());
	t.like(error as OctroiErrorOf, { code: 'netlink_refused' });
	t.regex(error?.message ?? '', /take queue 7210: EBUSY/);
});
