import { setTimeout as delay } from 'node:timers/promises';
import { ethernetFrame } from '../frames/ethernet.ts';
import { dnsQuestion, ipPacket, udpSegment } from '../frames/ip-packet.ts';
import type { Station } from '../station.ts';
import { HostProcess } from '../tether/host-process.ts';
import { ROUTER_LAN_IPV4, ROUTER_LAN_MAC } from '../topology.ts';

/** Slow enough that the resolver hears all of them: what its socket drops would be no work of the budgets. */
const FRAMES_AT_ONCE = 20;
const PAUSE_MS = 10;
const PORT_FIRST = 10_000;

/** Many hardware addresses that ask for one name each, from one station's address: so that only names are flooded, not neighbours. */
export class NameFlood {
	readonly #host: HostProcess;
	readonly #station: Station;
	readonly #name: string;
	#asked = 0;

	private constructor(station: Station, name: string, host: HostProcess) {
		this.#station = station;
		this.#name = name;
		this.#host = host;
	}

	static async start(station: Station, name: string): Promise<NameFlood> {
		const host = new HostProcess(station.namespace, 'eth0');
		await host.ready();
		return new NameFlood(station, name, host);
	}

	/** How many questions it has sent, each from a hardware address of its own. */
	get asked(): number {
		return this.#asked;
	}

	/** So many that have not asked before. */
	async ask(count: number): Promise<void> {
		for (let left = count; left > 0; left -= FRAMES_AT_ONCE) {
			await this.#host.send(...Array.from({ length: Math.min(left, FRAMES_AT_ONCE) }, () => this.#next()));
			await delay(PAUSE_MS);
		}
	}

	stop(): void {
		this.#host.stop();
	}

	#next(): Buffer {
		const number = this.#asked++;
		const digits = number.toString(16).padStart(6, '0');
		const source = `06:00:5e:${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4)}`;
		const ports = { sourcePort: PORT_FIRST + (number % 50_000), destinationPort: 53 };
		const ends = { source: this.#station.ipv4, destination: ROUTER_LAN_IPV4 };
		const packet = ipPacket({ ...ends, hopLimit: 64 }, udpSegment(ports, dnsQuestion(this.#name)));
		return ethernetFrame({ source, destination: ROUTER_LAN_MAC }, packet);
	}
}
