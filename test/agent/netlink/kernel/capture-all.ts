import { release } from 'node:os';
import {
	counterObject,
	decodeLink,
	dumpClasses,
	dumpConntrackByMark,
	dumpLinks,
	dumpNeighbours,
	dumpObjects,
	dumpSetElements,
	dumpTables,
	getObject,
	getRoot,
	limitObject,
	NETLINK_NETFILTER,
	NETLINK_ROUTE,
	NetlinkConnection,
	NetlinkEvents,
	NFNLGRP_NFTABLES,
	NFQA_CFG_F_FAIL_OPEN,
	newHtbRoot,
	PacketQueue,
	quotaObject,
	setElements,
	setHtbClass,
	setLeafQueue,
	xtablesQueueRule,
} from '../../../../agent/netlink/index.ts';
import { openSocket } from '../../../../agent/netlink/socket.ts';
import { ip, makeTable, mark, nft, STATION, sendLoopback, TABLE } from './playground.ts';

/** Raw datagrams of the kernel's answers, by the name of the file that they go to. */
export default async function capture(): Promise<Record<string, { comment: string; datagrams: string[] }>> {
	const files: Record<string, { comment: string; datagrams: string[] }> = {};
	let heard: string[] = [];
	const tapped = (protocol: number, groups: number[] = []) => ({
		protocol,
		groups,
		open: (listener: Parameters<typeof openSocket>[1]) =>
			openSocket(
				{ protocol, groups, receiveBufferBytes: 1 << 20 },
				{
					...listener,
					datagram(bytes) {
						heard.push(bytes.toString('hex'));
						listener.datagram(bytes);
					},
				},
			),
	});
	const save = async (name: string, what: string, act: () => Promise<unknown>) => {
		heard = [];
		await act().catch((error) => error);
		files[name] = { comment: `${what}; Linux ${release().split('-')[0]}`, datagrams: heard };
	};
	const netfilter = new NetlinkConnection(tapped(NETLINK_NETFILTER));
	const route = new NetlinkConnection(tapped(NETLINK_ROUTE));
	netfilter.start();
	route.start();
	const ignore = () => {};

	makeTable();
	await netfilter.batch([
		counterObject(TABLE, 'u1', { bytes: 5_000_000_000, packets: 4_000_000 }),
		counterObject(TABLE, 'd65535', { bytes: 2 ** 52 + 1, packets: 7 }),
		counterObject(TABLE, 'other', { bytes: 1, packets: 1 }),
		quotaObject(TABLE, 'q1', { limitBytes: 1000, usedBytes: 10, over: true }),
		limitObject(TABLE, 'slow', { rateBytesPerSecond: 250_000, burstBytes: 65_536, over: true }),
		...setElements(TABLE, 'quota_of', [{ key: mark(1), object: 'q1', timeoutMs: 3_600_000 }]),
		...setElements(TABLE, 'up_of', [{ key: mark(1), object: 'u1' }]),
		...setElements(TABLE, 'station', [{ key: STATION, data: mark(1), timeoutMs: 60_000 }]),
	]);
	for (const kind of ['counter', 'quota', 'limit'] as const) {
		await save(`${kind}-objects`, `dump of the ${kind} objects`, () =>
			netfilter.dump(dumpObjects(TABLE, kind), ignore),
		);
	}
	for (const set of ['station', 'quota_of', 'up_of']) {
		await save(`elements-${set.replace('_', '-')}`, `dump of the elements of map ${set}`, () =>
			netfilter.dump(dumpSetElements(TABLE, set), ignore),
		);
	}
	await save('tables', 'dump of the tables', () => netfilter.dump(dumpTables(), ignore));
	await save('refusal-not-found', 'refusal of a GETOBJ', () => netfilter.get(getObject(TABLE, 'none', 'counter')));
	await save('refusal-batch', 'refusals of a batch: the second exists, the third has no object to refer to', () =>
		netfilter.batch([
			counterObject(TABLE, 'u2'),
			counterObject(TABLE, 'u1'),
			...setElements(TABLE, 'up_of', [{ key: mark(2), object: 'none' }]),
		]),
	);

	nft(
		`table inet ${TABLE} { chain out { type filter hook output priority 0; udp dport 4000 ct mark set 0x10000 quota name "q1" counter\n}; }`,
	);
	ip('link', 'set', 'lo', 'up');
	ip('link', 'add', 'br-guest', 'address', '02:00:5e:10:00:fe', 'type', 'bridge');
	ip('link', 'set', 'br-guest', 'up');
	ip('neighbour', 'add', '203.0.113.7', 'lladdr', '02:00:5e:10:00:07', 'dev', 'br-guest', 'nud', 'permanent');
	ip('neighbour', 'add', '2001:db8:113::7', 'lladdr', '02:00:5e:10:00:07', 'dev', 'br-guest', 'nud', 'stale');
	const events = new NetlinkEvents(tapped(NETLINK_NETFILTER, [NFNLGRP_NFTABLES]));
	await save('event-quota-depleted', 'event of a quota that runs over', async () => {
		const depleted = new Promise((resolve) => events.start(resolve, ignore));
		await sendLoopback(3, 500);
		await depleted;
		events.stop();
	});
	await save('conntrack', 'dump of the tracked flows with mark 0x10000', () =>
		netfilter.dump(dumpConntrackByMark({ mark: 0x10000, mask: 0xffff_0000 }), ignore),
	);
	nft(
		`table inet ${TABLE} { chain queued { }
		chain in { type filter hook prerouting priority 0; udp dport 4000 meta mark set 0x77 goto queued
		}; }`,
	);
	await netfilter.batch([xtablesQueueRule(TABLE, 'queued', 7)]);
	const queue = new PacketQueue({
		queue: 7,
		parameters: { copyBytes: 40, lengthMax: 8, flags: NFQA_CFG_F_FAIL_OPEN },
		open: tapped(NETLINK_NETFILTER).open,
	});
	await save('queue-packets', 'two packets that wait in a queue, cut at 40 bytes', async () => {
		let came: () => void = ignore;
		const both = new Promise<void>((resolve) => {
			came = resolve;
		});
		let count = 0;
		await queue.start({ packet: () => ++count === 2 && came(), lost: ignore });
		await sendLoopback(2, 50);
		await both;
		queue.stop();
	});
	await save('links', 'dump of the links: lo and a bridge', () => route.dump(dumpLinks(), ignore));
	await save('neighbours', 'dump of the neighbours', () => route.dump(dumpNeighbours(), ignore));
	await captureQueues(route, save);
	return files;
}

type Save = (name: string, what: string, act: () => Promise<unknown>) => Promise<void>;

/** An htb with a class as a slowed station has it, and one whose rate has more than 32 bits. */
async function captureQueues(route: NetlinkConnection, save: Save): Promise<void> {
	const links = await route.list(dumpLinks(), decodeLink);
	const interfaceIndex = links.find(({ name }) => name === 'br-guest')?.interfaceIndex ?? 0;
	const handle = 0x6f63_0000;
	const place = { interfaceIndex, parent: handle };
	await route.request(newHtbRoot({ interfaceIndex, handle, defaultMinor: 0, overheadBytes: -14 }));
	await route.each([
		setHtbClass({ ...place, handle: handle + 7, bytesPerSecond: 254_000, burstBytes: 3028, quantumBytes: 2540 }),
		setLeafQueue({ interfaceIndex, parent: handle + 7 }, { kind: 'bfifo', limitBytes: 100_000 }),
		setHtbClass({ ...place, handle: handle + 8, bytesPerSecond: 5e9, burstBytes: 1 << 20, quantumBytes: 60_000 }),
	]);
	await save('root-qdisc', 'the root qdisc of a bridge: htb', () => route.get(getRoot(interfaceIndex)));
	await save('classes', 'dump of its two classes', () => route.dump(dumpClasses({ interfaceIndex, handle }), () => {}));
}
