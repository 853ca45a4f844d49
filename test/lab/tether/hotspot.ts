import { dhcpDiscover, ethernetFrame } from '../frames/ethernet.ts';
import { dnsQuestion, type Ends, ipPacket, udpSegment } from '../frames/ip-packet.ts';
import { signatureSyn } from '../frames/signature-syn.ts';
import { Namespace } from '../namespace/namespace.ts';
import { runProgram } from '../namespace/program.ts';
import type { Station } from '../station.ts';
import { type Family, ROUTER_LAN_MAC } from '../topology.ts';
import type { Case, Machine, Step } from './case.ts';
import { HostProcess } from './host-process.ts';

const HOTSPOT = { ipv4: '192.168.43.1', ipv6: 'fd43::1' };
const LAPTOP = { ipv4: '192.168.43.2', ipv6: 'fd43::2' };
const HOTSPOT_MAC = '02:00:5e:43:00:01';
const LAPTOP_MAC = '02:00:5e:43:00:02';

/** What a phone's system does for those behind it. */
const NAT =
	'table inet hotspot { chain post { type nat hook postrouting priority 100; oifname "eth0" masquerade; }; }\n';
/** What is told on the web to hide it. */
const REWRITE =
	'table inet hide { chain forward { type filter hook forward priority 0; oifname "eth0" ip ttl set 64; oifname "eth0" ip6 hoplimit set 64; }; }\n';
type Parameters = Record<string, string | number>;
/** Real stacks that differ: what of TCP is switched off, how large buffers are, and with which hop limit packets begin. */
const PHONES: readonly Parameters[] = [
	{},
	{ 'net.ipv4.tcp_rmem': '4096 131072 16777216' },
	{},
	{},
	{ 'net.ipv4.ip_default_ttl': 128, 'net.ipv6.conf.all.hop_limit': 128, 'net.ipv6.conf.eth0.hop_limit': 128 },
	{ 'net.ipv4.tcp_rmem': '4096 131072 2097152' },
];
const LAPTOPS: readonly Parameters[] = [
	{},
	{ 'net.ipv4.tcp_timestamps': 0 },
	{ 'net.ipv4.tcp_sack': 0 },
	{ 'net.ipv4.tcp_timestamps': 0, 'net.ipv4.tcp_window_scaling': 0 },
	{ 'net.ipv4.ip_default_ttl': 128, 'net.ipv6.conf.all.hop_limit': 128, 'net.ipv6.conf.eth0.hop_limit': 128 },
];
/** Ports of single flows: below those of this kernel's own connections, above those that cases name. */
const FIRST_PORT = 10_000;
const PORTS = 20_000;
const HOP_LIMIT = 64;

/** A station of the lab that shares its connection with a machine behind it: forwarding, NAT and rewriting by the real kernel. */
export class Hotspot {
	readonly station: Station;
	readonly #laptop: Namespace;
	#phoneHost: HostProcess | undefined;
	#laptopHost: HostProcess | undefined;
	#lastPort = 0;

	constructor(station: Station) {
		this.station = station;
		this.#laptop = new Namespace(`lap${station.number}`);
	}

	async start({ rewrites }: { rewrites: boolean }): Promise<void> {
		const phone = this.station.namespace;
		const ap = 'ap0';
		const name = this.#laptop.name;
		await phone.sysctl({
			'net.ipv6.conf.all.accept_ra': 2,
			'net.ipv6.conf.eth0.accept_ra': 2,
			'net.ipv4.ip_forward': 1,
			'net.ipv6.conf.all.forwarding': 1,
			...PHONES[this.station.number % PHONES.length],
		});
		await runProgram('ip', ['netns', 'add', name]);
		await phone.ip([
			`link add ${ap} address ${HOTSPOT_MAC} type veth peer name eth0 netns ${name} address ${LAPTOP_MAC}`,
			`link set ${ap} up`,
			`address add ${HOTSPOT.ipv4}/24 dev ${ap}`,
			`address add ${HOTSPOT.ipv6}/64 dev ${ap} nodad`,
			`neighbour replace ${LAPTOP.ipv4} lladdr ${LAPTOP_MAC} dev ${ap} nud permanent`,
			`neighbour replace ${LAPTOP.ipv6} lladdr ${LAPTOP_MAC} dev ${ap} nud permanent`,
		]);
		await this.#laptop.ip([
			'link set lo up',
			'link set eth0 up',
			`address add ${LAPTOP.ipv4}/24 dev eth0`,
			`address add ${LAPTOP.ipv6}/64 dev eth0 nodad`,
			`route add default via ${HOTSPOT.ipv4}`,
			`route add default via ${HOTSPOT.ipv6}`,
		]);
		await this.#laptop.sysctl({ ...LAPTOPS[this.station.number % LAPTOPS.length] });
		await phone.run('ethtool', ['-K', ap, 'tx', 'off']);
		await phone.nft(NAT + (rewrites ? REWRITE : ''));
		this.#phoneHost = new HostProcess(phone, 'eth0');
		this.#laptopHost = new HostProcess(this.#laptop, 'eth0');
		await Promise.all([this.#phoneHost.ready(), this.#laptopHost.ready()]);
	}

	/**
	 * Does what the case says.
	 *
	 * @param dhcpHeard resolves when the request for the address was heard: in life that is seconds before the first flow
	 * @returns its flows, as the reader names them, and whose they are
	 */
	async play({ dhcp, phone, behind, family, steps }: Case, dhcpHeard: () => Promise<void>): Promise<Map<string, Step>> {
		const flows = new Map<string, Step>();
		if (dhcp) {
			await this.#phone.send(dhcpDiscover(this.station.mac, dhcp.vendorClass, dhcp.parameters));
			await dhcpHeard();
		}
		for (const [index, step] of steps.entries()) {
			const machine = step.from === 'phone' ? phone : (behind ?? phone);
			const over = family === 'both' ? (index % 2 === 0 ? 'ipv4' : 'ipv6') : family;
			const port = 'port' in step && step.port !== undefined ? step.port : this.#nextPort();
			flows.set(step.kind === 'name' ? `name-${port}` : `${port}`, step);
			await this.#open(step, { machine, family: over, port });
		}
		return flows;
	}

	stop(): void {
		this.#phoneHost?.stop();
		this.#laptopHost?.stop();
	}

	async #open(
		step: Step,
		{ machine, family, port }: { machine: Machine; family: Family; port: number },
	): Promise<void> {
		const host = step.from === 'phone' ? this.#phone : (this.#laptopHost as HostProcess);
		const signature = step.kind === 'tcp' ? (step.as ?? machine.signature) : machine.signature;
		const server = this.station.server(family);
		if (step.kind === 'tcp' && signature === undefined) {
			await host.order({ kind: 'connect', host: server, port });
			return;
		}
		if (step.kind === 'datagram' && signature === undefined) {
			const data = Buffer.alloc(48, 0xc3).toString('base64');
			await host.order({ kind: 'datagram', host: server, port, data, ...limitOf(step) });
			return;
		}
		const ends = { source: this.#address(step.from, family), destination: server };
		// What a real machine sends by hand begins as its other packets do.
		const start =
			(family === 'ipv6' ? machine.startIpv6 : undefined) ??
			machine.signature?.start ??
			this.#realStart(step.from, family);
		const packet = packetOf(step, { signature, ends, port, start });
		const link =
			step.from === 'phone'
				? { source: this.station.mac, destination: ROUTER_LAN_MAC }
				: { source: LAPTOP_MAC, destination: HOTSPOT_MAC };
		await host.send(ethernetFrame(link, packet));
	}

	#realStart(from: Step['from'], family: Family): number {
		// The lab's router advertises 64, as most do.
		if (from === 'phone' && family === 'ipv6') return HOP_LIMIT;
		const variants = from === 'phone' ? PHONES : LAPTOPS;
		return Number(variants[this.station.number % variants.length]?.['net.ipv4.ip_default_ttl'] ?? HOP_LIMIT);
	}

	get #phone(): HostProcess {
		if (this.#phoneHost === undefined) throw new Error('the hotspot has not been started');
		return this.#phoneHost;
	}

	#address(from: Step['from'], family: Family): string {
		return from === 'behind' ? LAPTOP[family] : this.station[family];
	}

	#nextPort(): number {
		this.#lastPort = (this.#lastPort + 1) % PORTS;
		return FIRST_PORT + this.#lastPort;
	}
}

function limitOf(step: Step): { hopLimit?: number } {
	return step.kind === 'datagram' && step.hopLimit !== undefined ? { hopLimit: step.hopLimit } : {};
}

function packetOf(
	step: Step,
	{ signature, ends, port, start }: { signature: Machine['signature']; ends: Ends; port: number; start: number },
): Buffer {
	const hopLimit = limitOf(step).hopLimit ?? start;
	if (step.kind === 'tcp' && signature)
		return signatureSyn({ ...signature, start }, { ends, sourcePort: port, destinationPort: port });
	if (step.kind === 'name') {
		const udp = udpSegment({ sourcePort: port, destinationPort: 53 }, dnsQuestion(step.name));
		return ipPacket({ ...ends, hopLimit }, udp);
	}
	const udp = udpSegment({ sourcePort: port, destinationPort: port }, Buffer.alloc(48, 0xc3));
	return ipPacket({ ...ends, hopLimit }, udp);
}
