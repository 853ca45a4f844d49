import { setTimeout as delay } from 'node:timers/promises';
import { type DeviceTotals, deviceTotals } from '../device-totals.ts';
import type { Lab } from '../lab.ts';
import type { Namespace } from '../namespace/namespace.ts';
import { nftCounters } from '../nft-counters.ts';
import {
	GARDEN_IPV4,
	GARDEN_IPV6,
	INTERNET_IPV4,
	ROUTER_LAN_IPV4,
	ROUTER_LAN_IPV6,
	ROUTER_WAN_IPV4,
	ROUTER_WAN_IPV6,
} from '../topology.ts';

const ETHERNET_HEADER_BYTES = 14;
/** What is on its way has arrived when nothing new has come for so long. */
const STILL_MS = 60;
const STILL_ATTEMPTS = 200;

/**
 * Layer-3 bytes at one end of the router, by what explains them. `answers`: the router's own, to what came from the internet.
 * `other` is what only a meter can explain.
 */
export type UplinkReading = { link: number; garden: number; dns: number; answers: number; other: number };

const NOTHING: UplinkReading = { link: 0, garden: 0, dns: 0, answers: 0, other: 0 };

/**
 * Counts every frame that leaves the router by its uplink, and every one that a station gets, where they arrive: in other
 * namespaces than the router's, in front of their stacks, which hear nothing of them. So nobody answers, and each byte is the
 * sender's or the router's.
 */
export class UplinkWitness {
	readonly #internet: Namespace;
	readonly #stations: Namespace[];

	constructor(lab: Lab) {
		this.#internet = lab.internet;
		this.#stations = lab.stations.map(({ namespace }) => namespace);
	}

	/** From here on both ends only count. */
	async start(): Promise<void> {
		await Promise.all([
			this.#internet.nft(INTERNET_TABLE),
			...this.#stations.map((station) => station.nft(STATION_TABLE)),
		]);
	}

	/** Both ends answer again. */
	async stop(): Promise<void> {
		await Promise.all(
			[this.#internet, ...this.#stations].map((space) =>
				space.nft('add table netdev lab_uplink\ndelete table netdev lab_uplink\n'),
			),
		);
	}

	/** What has arrived at the internet, when nothing moves any more. */
	async readUp(): Promise<UplinkReading> {
		return await whenStill(async () => await readTable(this.#internet));
	}

	/** The same of all stations together. */
	async readDown(): Promise<UplinkReading> {
		return await whenStill(async () => (await Promise.all(this.#stations.map(readTable))).reduce(added, NOTHING));
	}

	/** The device's own total against all classes together: 0, or a class hides something. */
	async deviceDifference(before: DeviceTotals): Promise<number> {
		const now = await internetTotals(this.#internet);
		const packets = now.receivedPackets - before.receivedPackets;
		const bytes = now.receivedBytes - before.receivedBytes - ETHERNET_HEADER_BYTES * packets;
		const counted = await nftCounters(this.#internet, 'netdev', 'lab_uplink');
		return bytes - [...counted.values()].reduce((sum, { bytes: of }) => sum + of, 0);
	}
}

async function whenStill(read: () => Promise<UplinkReading>): Promise<UplinkReading> {
	let last = '';
	for (let attempt = 0; attempt < STILL_ATTEMPTS; attempt++) {
		const reading = await read();
		const text = JSON.stringify(reading);
		if (text === last) return reading;
		last = text;
		await delay(STILL_MS);
	}
	throw new Error('something still sends: the ends of the uplink never stood still');
}

export async function internetTotals(internet: Namespace): Promise<DeviceTotals> {
	return (await deviceTotals(internet)).get('eth0') as DeviceTotals;
}

function added(left: UplinkReading, right: UplinkReading): UplinkReading {
	const sum = (name: keyof UplinkReading) => left[name] + right[name];
	return { link: sum('link'), garden: sum('garden'), dns: sum('dns'), answers: sum('answers'), other: sum('other') };
}

async function readTable(space: Namespace): Promise<UplinkReading> {
	const found = await nftCounters(space, 'netdev', 'lab_uplink');
	const value = (name: string) => found.get(name)?.bytes ?? 0;
	return {
		link: value('link'),
		garden: value('garden'),
		dns: value('dns'),
		answers: value('answers'),
		other: value('other'),
	};
}

/** A packet of neighbour discovery comes from the link itself (RFC 4861, 6.1 and 7.1). */
/** To the next hop. An advertisement that goes further is an answer to somebody who has borrowed a source. */
const NEIGHBOURS_OF_UPLINK = 'icmpv6 type { 135, 136 } ip6 hoplimit 255';
const NEIGHBOURS = 'icmpv6 type { 133, 134, 135, 136 } ip6 hoplimit 255';

const COUNTERS = ['link', 'garden', 'dns', 'answers', 'other', 'resolution']
	.map((name) => `\tcounter ${name} { }`)
	.join('\n');

/** To these ports of the walled garden a station goes by its meter. */
const NAME_SERVERS = 'meta l4proto { tcp, udp } th dport { 53, 853 }';

/** The router masquerades by IPv4, so there its own packets are those whose time to live nobody has lowered. */
const INTERNET_TABLE = `table netdev lab_uplink {
${COUNTERS}
	chain ingress {
		type filter hook ingress device "eth0" priority -600; policy accept;
		meta protocol arp counter name "resolution" accept
		ip6 saddr { fe80::5eff:fe10:ff02, ${ROUTER_WAN_IPV6} } ${NEIGHBOURS_OF_UPLINK} counter name "link" accept
		ip6 saddr fe80::5eff:fe10:ff02 ip6 daddr ff02::/16 counter name "link" accept
		ip saddr ${ROUTER_WAN_IPV4} ip daddr ${INTERNET_IPV4} ip ttl 64 meta l4proto { tcp, udp } th dport 53 counter name "dns" accept
		ip daddr ${GARDEN_IPV4} ${NAME_SERVERS} counter name "other" drop
		ip6 daddr ${GARDEN_IPV6} ${NAME_SERVERS} counter name "other" drop
		ip saddr { ${ROUTER_WAN_IPV4}, ${ROUTER_LAN_IPV4} } ip ttl { 64, 255 } counter name "answers" drop
		ip6 saddr { ${ROUTER_WAN_IPV6}, ${ROUTER_LAN_IPV6}, fe80::/10 } counter name "answers" drop
		ip daddr ${GARDEN_IPV4} counter name "garden" drop
		ip6 daddr ${GARDEN_IPV6} counter name "garden" drop
		counter name "other" drop
	}
}
`;

const STATION_TABLE = `table netdev lab_uplink {
${COUNTERS}
	chain ingress {
		type filter hook ingress device "eth0" priority -600; policy accept;
		meta protocol arp counter name "resolution" accept
		ip6 saddr { fe80::/10, ${ROUTER_LAN_IPV6} } ${NEIGHBOURS} counter name "link" accept
		ip6 saddr fe80::/10 ip6 daddr ff02::/16 counter name "link" accept
		ip saddr ${GARDEN_IPV4} counter name "garden" drop
		ip6 saddr ${GARDEN_IPV6} counter name "garden" drop
		counter name "other" drop
	}
}
`;
