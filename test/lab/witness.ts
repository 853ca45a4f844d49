import { type DeviceTotals, deviceTotals, outputDiscards } from './device-totals.ts';
import type { Namespace } from './namespace/namespace.ts';
import type { Network } from './network.ts';
import { serverAddress } from './topology.ts';

/** Ethernet's header, which a device counts and layer 3 does not. */
const ETHERNET_HEADER_BYTES = 14;

/** Between two sent packets a device is read easily within a few attempts, unless a flow still runs. */
const STILL_ATTEMPTS = 20;

/** Layer-3 bytes of one station, counted where Octroi has no hand: `up` in the internet, `down` at the station. */
export type WitnessReading = {
	up: number;
	down: number;
	upIpv4: number;
	upIpv6: number;
	downIpv4: number;
	downIpv6: number;
};

type Counters = Map<string, number>;

/**
 * The independent count: nft counters in *other* namespaces than the router's. Upload is what arrived at the station's own server
 * address in the internet, download what arrived at the station from it.
 */
export class Witness {
	readonly #network: Network;
	#lossesBefore = 0;

	constructor(network: Network) {
		this.#network = network;
	}

	/** Loads the counters; before the first packet, so that they have seen all of them. */
	async start(): Promise<void> {
		const { internet, stations } = this.#network;
		await Promise.all([
			internet.nft(internetRuleset(stations.length)),
			...stations.map(async (space, index) => {
				await space.nft(stationRuleset(index + 1));
				if ((await deviceTotals(space)).has('eth0')) await space.nft(FRAMES_TABLE);
			}),
		]);
	}

	/** Forgets what was lost until now: while links come up one after the other, something is. */
	async forgetLosses(): Promise<void> {
		this.#lossesBefore = await this.#losses();
	}

	/** One reading for each station, in order. */
	async read(): Promise<WitnessReading[]> {
		const { internet, stations } = this.#network;
		const [far, ...near] = await Promise.all([internet, ...stations].map(readCounters));
		return near.map((station, index) => {
			const upIpv4 = value(far, `up4_${index + 1}`);
			const upIpv6 = value(far, `up6_${index + 1}`);
			const downIpv4 = value(station, 'down4');
			const downIpv6 = value(station, 'down6');
			return { up: upIpv4 + upIpv6, down: downIpv4 + downIpv6, upIpv4, upIpv6, downIpv4, downIpv6 };
		});
	}

	/** One station's bytes in one direction: a quick look, for a rate. */
	async readOne(number: number, direction: 'up' | 'down'): Promise<number> {
		const { internet, stations } = this.#network;
		if (direction === 'up') {
			const far = await readCounters(internet);
			return value(far, `up4_${number}`) + value(far, `up6_${number}`);
		}
		const near = await readCounters(stations[number - 1] as Namespace);
		return value(near, 'down4') + value(near, 'down6');
	}

	/** Layer-3 bytes that came from the LAN and belong to nobody's server: must be 0, or something passed by unmetered. */
	async strayBytes(): Promise<number> {
		return value(await readCounters(this.#network.internet), 'stray');
	}

	/** Bytes to and from the walled garden, all stations together, as they arrived. */
	async gardenBytes(): Promise<number> {
		return this.#bytesOfAll('garden');
	}

	/** The same of the zero-rated server. */
	async zeroRatedBytes(): Promise<number> {
		return this.#bytesOfAll('zero_rated');
	}

	async #bytesOfAll(counter: string): Promise<number> {
		const { internet, stations } = this.#network;
		const [far, ...near] = await Promise.all([internet, ...stations].map(readCounters));
		return near.reduce((sum, station) => sum + value(station, counter), value(far, counter));
	}

	/**
	 * Packets lost between the router's forward hook and the place where the witness counts, since {@link forgetLosses}.
	 * Unless it is 0 the meter rightly counts more than arrives, and an exact comparison says nothing.
	 */
	async lossesAfterMeter(): Promise<number> {
		return (await this.#losses()) - this.#lossesBefore;
	}

	/**
	 * The second mechanism: the devices' own totals less the Ethernet headers must be all layer-3 packets that nft saw, ARP, and
	 * what a bridge flooded for others. Answers the largest difference in bytes over all stations' links and the internet's: 0.
	 */
	async deviceDifference(): Promise<number> {
		return Math.max(...(await Promise.all([this.#network.internet, ...this.#network.stations].map(deviceDifference))));
	}

	async #losses(): Promise<number> {
		const { router, internet, stations } = this.#network;
		const [routerTotals, discards, ...receivers] = await Promise.all([
			deviceTotals(router),
			outputDiscards(router),
			...[internet, ...stations].map(deviceTotals),
		]);
		const sent = [...routerTotals.values()].reduce((sum, device) => sum + device.sendDrops, 0);
		const received = receivers.reduce((sum, totals) => sum + (totals.get('eth0')?.receiveDrops ?? 0), 0);
		return sent + received + discards;
	}
}

/** Two programs read device and counters, and a neighbour may be asked for between them: only a device that stood still compares. */
async function deviceDifference(space: Namespace): Promise<number> {
	for (let attempt = 0; attempt < STILL_ATTEMPTS; attempt++) {
		const before = await layer3Bytes(space);
		const counters = await readCounters(space);
		if ((await layer3Bytes(space)) !== before) continue;
		const others = counters.get('other_host') ?? 0;
		return Math.abs(before - value(counters, 'all_ip') - value(counters, 'all_arp') - others);
	}
	throw new Error(`something still sends to ${space.name}: its device never stood still while it was read`);
}

async function layer3Bytes(space: Namespace): Promise<number> {
	const { receivedBytes, receivedPackets } = (await deviceTotals(space)).get('eth0') as DeviceTotals;
	return receivedBytes - ETHERNET_HEADER_BYTES * receivedPackets;
}

function value(counters: Counters | undefined, name: string): number {
	const bytes = counters?.get(name);
	if (bytes === undefined) throw new Error(`the witness has no counter ${name}`);
	return bytes;
}

async function readCounters(space: { run(program: string, words: string[]): Promise<string> }): Promise<Counters> {
	const text = await space.run('nft', ['-j', 'list', 'counters']);
	const answer = JSON.parse(text) as { nftables: { counter?: { name: string; bytes: number } }[] };
	return new Map(answer.nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter.bytes] as const] : [])));
}

/** What a bridge floods for other hosts: the IP layer throws it away unseen. A radio's link comes later, and hears none of it. */
const FRAMES_TABLE = `table netdev lab_witness_frames {
	counter other_host { }
	chain ingress { type filter hook ingress device "eth0" priority 0; meta protocol != arp meta pkttype other counter name "other_host"; }
}
`;

const ARP_TABLE = `table arp lab_witness_arp {
	counter all_arp { }
	chain input { type filter hook input priority 0; iifname "eth0" counter name "all_arp"; }
}
`;

function internetRuleset(stationCount: number): string {
	const numbers = Array.from({ length: stationCount }, (_, index) => index + 1);
	const map4 = numbers.map((number) => `${serverAddress(number, 'ipv4')} : "up4_${number}"`);
	const map6 = numbers.map((number) => `${serverAddress(number, 'ipv6')} : "up6_${number}"`);
	return `table inet lab_witness {
${numbers.map((number) => `\tcounter up4_${number} { }\n\tcounter up6_${number} { }`).join('\n')}
	counter garden { }
	counter zero_rated { }
	counter stray { }
	counter all_ip { }
	map up4 { type ipv4_addr : counter; elements = { ${map4.join(', ')} }; }
	map up6 { type ipv6_addr : counter; elements = { ${map6.join(', ')} }; }
	set known4 { type ipv4_addr; elements = { ${numbers.map((number) => serverAddress(number, 'ipv4')).join(', ')} }; }
	set known6 { type ipv6_addr; elements = { ${numbers.map((number) => serverAddress(number, 'ipv6')).join(', ')} }; }
	chain prerouting {
		type filter hook prerouting priority raw; policy accept;
		iifname != "eth0" accept
		counter name "all_ip"
		counter name ip daddr map @up4
		counter name ip6 daddr map @up6
		ip daddr 203.0.113.80 counter name "garden" accept
		ip6 daddr 2001:db8:113::80 counter name "garden" accept
		ip daddr 203.0.113.90 counter name "zero_rated" accept
		ip6 daddr 2001:db8:113::90 counter name "zero_rated" accept
		# The router's own resolver asks the name server.
		ip saddr 198.51.100.2 ip daddr 198.51.100.1 udp dport 53 accept
		ip daddr @known4 accept
		ip6 daddr @known6 accept
		ip6 saddr fe80::/10 accept
		ip6 saddr :: accept
		ip6 saddr 2001:db8:ffff::/64 accept
		counter name "stray"
	}
}
${ARP_TABLE}`;
}

function stationRuleset(number: number): string {
	return `table inet lab_witness {
	counter down4 { }
	counter down6 { }
	counter garden { }
	counter zero_rated { }
	counter all_ip { }
	chain prerouting {
		type filter hook prerouting priority raw; policy accept;
		iifname != "eth0" accept
		counter name "all_ip"
		# What the router itself sends in a server's name, a reset or the portal's page, has passed no router: it was not forwarded.
		ip saddr ${serverAddress(number, 'ipv4')} ip ttl < 64 counter name "down4"
		ip6 saddr ${serverAddress(number, 'ipv6')} ip6 hoplimit < 64 counter name "down6"
		ip saddr 203.0.113.80 counter name "garden"
		ip6 saddr 2001:db8:113::80 counter name "garden"
		ip saddr 203.0.113.90 counter name "zero_rated"
		ip6 saddr 2001:db8:113::90 counter name "zero_rated"
	}
}
${ARP_TABLE}`;
}
