import { Namespace } from './namespace/namespace.ts';
import { runProgram } from './namespace/program.ts';
import { nftCounters } from './nft-counters.ts';
import type { Station } from './station.ts';
import type { Family } from './topology.ts';
import { EndpointProcess } from './traffic/endpoint-process.ts';

/**
 * A computer behind a station, which forwards and translates for it as a telephone's hotspot does. It talks to the servers of
 * another station, so that the far end, and the near one, can tell its bytes from the station's own.
 */
export class TetheredDevice {
	readonly name: string;
	readonly station: Station;
	readonly namespace: Namespace;
	readonly #servers: Station;
	#endpoint: EndpointProcess | undefined;

	/** @param servers the station, without traffic of its own, whose servers it takes */
	constructor(station: Station, servers: Station) {
		this.station = station;
		this.#servers = servers;
		this.name = `dev${station.number}`;
		this.namespace = new Namespace(this.name);
	}

	get endpoint(): EndpointProcess {
		if (this.#endpoint === undefined) throw new Error(`${this.name} has no traffic process yet`);
		return this.#endpoint;
	}

	/** As the router sees it. */
	get mac(): string {
		return this.station.mac;
	}

	/** The number of the station whose servers it has, for the witness at the far end. */
	get serverNumber(): number {
		return this.#servers.number;
	}

	server(family: Family): string {
		return this.#servers.server(family);
	}

	async start(): Promise<this> {
		const { namespace, station } = this;
		await runProgram('ip', ['netns', 'add', namespace.name]);
		await runProgram('ip', [
			...['link', 'add', 'usb0', 'netns', station.namespace.name, 'type', 'veth'],
			...['peer', 'name', 'eth0', 'netns', namespace.name],
		]);
		await station.namespace.sysctl({
			'net.ipv4.ip_forward': 1,
			// A host that forwards would drop the advertisement by which it got its address.
			'net.ipv6.conf.eth0.accept_ra': 2,
			'net.ipv6.conf.all.forwarding': 1,
		});
		await station.namespace.ip([
			'address add 192.168.43.1/24 dev usb0',
			'address add fd43::1/64 dev usb0 nodad',
			'link set usb0 up',
		]);
		await station.namespace.nft(this.#ruleset());
		await namespace.ip([
			'link set lo up',
			'address add 192.168.43.2/24 dev eth0',
			'address add fd43::2/64 dev eth0 nodad',
			'link set eth0 up',
			'route add default via 192.168.43.1',
			'route add default via fd43::1',
		]);
		for (const space of [namespace, station.namespace]) {
			const device = space === namespace ? 'eth0' : 'usb0';
			await space.run('ethtool', ['-K', device, ...['gso', 'gro', 'tso', 'tx', 'rx'].flatMap((one) => [one, 'off'])]);
		}
		this.#endpoint = new EndpointProcess(namespace, ['client']);
		await this.#endpoint.ready();
		return this;
	}

	async stop(): Promise<void> {
		this.#endpoint?.stop();
		await runProgram('ip', ['netns', 'delete', this.namespace.name]);
	}

	/** Layer-3 bytes that arrived for it at its station, through the router. */
	async downBytes(): Promise<number> {
		return (await nftCounters(this.station.namespace, 'inet', 'lab_tethered')).get('down')?.bytes ?? Number.NaN;
	}

	#ruleset(): string {
		return `table inet lab_tethered {
	counter down { }
	chain prerouting {
		type filter hook prerouting priority raw; policy accept;
		iifname "eth0" ip saddr ${this.server('ipv4')} ip ttl < 64 counter name "down"
		iifname "eth0" ip6 saddr ${this.server('ipv6')} ip6 hoplimit < 64 counter name "down"
	}
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "eth0" iifname "usb0" masquerade
	}
}
`;
	}
}
