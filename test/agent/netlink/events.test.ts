import test from 'ava';
import { NetlinkEvents, type SocketListener } from '../../../agent/netlink/index.ts';
import { message, settle } from './fake-kernel.ts';

function listening() {
	const heard: number[] = [];
	const lost: unknown[] = [];
	let listener: SocketListener | undefined;
	let closed = 0;
	const events = new NetlinkEvents({
		protocol: 12,
		groups: [7],
		open: (given) => {
			listener = given;
			return { extendedErrors: false, send() {}, close: () => closed++ };
		},
	});
	events.start(
		({ type }) => heard.push(type),
		(error) => lost.push(error?.code),
	);
	return { events, heard, lost, kernel: listener as unknown as SocketListener, closed: () => closed };
}

test('every message of a datagram is heard', (t) => {
	const { heard, kernel } = listening();
	kernel.datagram(Buffer.concat([message(20, 0, Buffer.alloc(4)), message(21, 0, Buffer.alloc(0))]));
	t.deepEqual(heard, [20, 21]);
});

test('an overflow and bytes that do not parse both tell the owner to dump anew', async (t) => {
	const { lost, heard, kernel } = listening();
	kernel.lost();
	t.deepEqual(lost, [undefined]);
	kernel.datagram(Buffer.concat([message(20, 0, Buffer.alloc(4)), Buffer.from('ffff', 'hex')]));
	await settle();
	t.deepEqual(lost, [undefined, 'netlink_malformed']);
	t.deepEqual(heard, [20]);
});

test('stop may be called twice and closes once', (t) => {
	const { events, closed } = listening();
	events.stop();
	events.stop();
	t.is(closed(), 1);
});
