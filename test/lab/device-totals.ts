import type { Namespace } from './namespace/namespace.ts';

/** What one device has counted since it was made. */
export type DeviceTotals = { receivedBytes: number; receivedPackets: number; receiveDrops: number; sendDrops: number };

type LinkRow = {
	ifname: string;
	stats64: { rx: { bytes: number; packets: number; dropped: number }; tx: { dropped: number } };
};
type QdiscRow = { dev: string; drops?: number };

/** All devices of a namespace by name. `sendDrops` holds the queueing discipline's drops too. */
export async function deviceTotals(space: Namespace): Promise<Map<string, DeviceTotals>> {
	const [links, qdiscs] = await Promise.all([
		space.ipJson<LinkRow[]>('-statistics', 'link', 'show'),
		space.run('tc', ['-s', '-json', 'qdisc', 'show']).then((text) => JSON.parse(text || '[]') as QdiscRow[]),
	]);
	return new Map(
		links.map(({ ifname, stats64: { rx, tx } }) => {
			const queued = qdiscs.filter(({ dev }) => dev === ifname).reduce((sum, { drops }) => sum + (drops ?? 0), 0);
			const totals = { receivedBytes: rx.bytes, receivedPackets: rx.packets, receiveDrops: rx.dropped };
			return [ifname, { ...totals, sendDrops: tx.dropped + queued }];
		}),
	);
}

/** Packets that the IP layer itself threw away on the way out (no neighbour, no memory): `OutDiscards` of both families. */
export async function outputDiscards(space: Namespace): Promise<number> {
	const [ipv4, ipv6] = await Promise.all([
		space.run('cat', ['/proc/self/net/snmp']),
		space.run('cat', ['/proc/self/net/snmp6']),
	]);
	const [names, values] = ipv4.split('\n').filter((line) => line.startsWith('Ip: '));
	const index = (names ?? '').split(' ').indexOf('OutDiscards');
	const discards4 = Number((values ?? '').split(' ')[index]);
	const discards6 = Number(/^Ip6OutDiscards\s+(\d+)/m.exec(ipv6)?.[1]);
	return discards4 + discards6;
}
