import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { SETTLED_AFTER_MS, type Standing } from '../core/standing.ts';
import type { BootMs, MacAddress } from '../core/units.ts';
import { entryOf, HeardAddresses } from './heard-addresses.ts';
import type { Lease } from './leases.ts';
import { ADDRESSES_MAX, cleanName, HEARD_MAX, type Station } from './station.ts';

/**
 * How many stations are remembered. A flood of made-up addresses must not cost memory: beyond it the one that was seen the
 * longest ago is forgotten, of those without a lease if there is one: whoever only sends cannot make us forget a guest. Attached stations are the
 * meter's and are never forgotten by this.
 */
export const STATIONS_MAX = 16_384;

/** What the kernel's neighbour table says of one address. */
export type Sighting = {
	readonly mac: MacAddress;
	readonly address?: string;
	readonly device: string;
	/** False: the kernel has given up on it, or has forgotten it. */
	readonly alive: boolean;
};

/** Who is on the network. */
export class Stations {
	readonly #clock: Clock;
	readonly #log: Log;
	/** In the order in which they were last seen. */
	readonly #stations = new Map<MacAddress, Station>();
	readonly #heard = new HeardAddresses();
	/** Whose each leased address is. */
	#leases: ReadonlyMap<string, MacAddress> = new Map();
	/** The addresses that each station leases. */
	#leasesOf: ReadonlyMap<MacAddress, readonly string[]> = new Map();
	/** Since when each station has had a lease without a break. */
	#leasedSince: ReadonlyMap<MacAddress, BootMs> = new Map();
	#forgotten = 0;
	/** How often one came or was forgotten. */
	changes = 0;
	/** Those of which something is known that was not, for as long as somebody collects them. */
	noted: Set<MacAddress> | undefined;

	constructor({ clock, log }: { clock: Clock; log: Log }) {
		this.#clock = clock;
		this.#log = log;
	}

	get(mac: MacAddress): Station | undefined {
		return this.#stations.get(mac);
	}

	/** Who has a lease for the address. */
	leaseholder(address: string): MacAddress | undefined {
		return this.#leases.get(address);
	}

	/**
	 * The station that was heard by this address last. Whose budgets a connection spends, and never who somebody is: that is for
	 * `identification`.
	 *
	 * @param remote as a socket has it: a link-local address with the name of its device
	 */
	heardFrom(remote: string): MacAddress | undefined {
		return this.#heard.find(remote);
	}

	/** What it has to show for itself: a lease, and how long it has had one. */
	standing(mac: MacAddress): Standing {
		const since = this.#leasedSince.get(mac);
		if (since === undefined) return 'stranger';
		return this.#clock.bootMs() - since >= SETTLED_AFTER_MS ? 'settled' : 'leased';
	}

	/** Its addresses, for decisions: all that are heard of it, those heard last at the end, and the ones that it leases. */
	addressesOf(mac: MacAddress): string[] {
		const station = this.#stations.get(mac);
		if (station === undefined) return [];
		const heard = [...station.heard].map((entry) => entry.slice(entry.indexOf(' ') + 1));
		return [...new Set([...heard, ...(this.#leasesOf.get(mac) ?? [])])];
	}

	list(): Iterable<Station> {
		return this.#stations.values();
	}

	/** A neighbour entry came, changed or went. */
	seen({ mac, address, device, alive }: Sighting): void {
		if (!alive) {
			this.#lost({ mac, device, ...(address === undefined ? {} : { address }) });
			return;
		}
		const station = this.#touch(mac);
		station.device = device;
		station.present = true;
		if (address === undefined) return;
		station.heard.delete(entryOf(device, address));
		station.heard.add(entryOf(device, address));
		this.#heard.add(entryOf(device, address), mac);
		if (station.heard.size > HEARD_MAX) this.#forgetHeard(station);
		this.#addAddress(station, address);
	}

	#lost({ mac, device, address }: Omit<Sighting, 'alive'>): void {
		const station = this.#stations.get(mac);
		if (!station) return;
		this.noted?.add(mac);
		if (address !== undefined) {
			station.heard.delete(entryOf(device, address));
			this.#heard.remove(entryOf(device, address), mac);
			if (!this.#isLeased(mac, address) && !isHeard(station, address)) station.addresses.delete(address);
		}
		// What it has a lease for says nothing of where it is.
		station.present = station.heard.size > 0;
	}

	/** The leases of the DHCP server, all of them: names and addresses. What has no lease any more and is silent goes. */
	leased(leases: readonly Lease[]): void {
		const before = this.#leases;
		this.#leases = new Map(leases.map(({ mac, address }) => [address, mac]));
		const leasesOf = new Map<MacAddress, string[]>();
		for (const { address, mac } of leases) leasesOf.set(mac, [...(leasesOf.get(mac) ?? []), address]);
		this.#leasesOf = leasesOf;
		const now = this.#clock.bootMs();
		this.#leasedSince = new Map(leases.map(({ mac }) => [mac, this.#leasedSince.get(mac) ?? now]));
		for (const [address, mac] of before) {
			const station = this.#stations.get(mac);
			if (!station || this.#isLeased(mac, address) || isHeard(station, address)) continue;
			this.noted?.add(mac);
			station.addresses.delete(address);
		}
		for (const { mac, address, name } of leases) {
			const station = this.#stations.get(mac) ?? this.#touch(mac);
			this.#addAddress(station, address);
			const clean = name === undefined ? undefined : cleanName(name);
			if (clean !== undefined) station.name = clean;
			this.noted?.add(mac);
		}
	}

	/** The oldest address makes room: only for displays. Those that are heard are all known, as the kernel's own table has them. */
	#addAddress(station: Station, address: string): void {
		station.addresses.delete(address);
		station.addresses.add(address);
		if (station.addresses.size <= ADDRESSES_MAX) return;
		const [oldest] = station.addresses;
		station.addresses.delete(oldest as string);
	}

	#forgetHeard(station: Station): void {
		for (const oldest of station.heard) {
			station.heard.delete(oldest);
			this.#heard.remove(oldest, station.mac);
			break;
		}
	}

	#isLeased(mac: MacAddress, address: string): boolean {
		return this.#leases.get(address) === mac;
	}

	#touch(mac: MacAddress): Station {
		const known = this.#stations.get(mac);
		const station: Station = known ?? {
			mac,
			name: undefined,
			addresses: new Set(),
			heard: new Set(),
			device: '',
			present: false,
			lastSeenMs: this.#clock.bootMs(),
		};
		station.lastSeenMs = this.#clock.bootMs();
		// A Map keeps the order of insertion: put it at the end.
		this.#stations.delete(mac);
		this.#stations.set(mac, station);
		if (!known) this.changes += 1;
		this.noted?.add(mac);
		if (this.#stations.size > STATIONS_MAX) this.#forgetOldest();
		return station;
	}

	/** A leaseholder that would have to go is put at the end, once for each that goes: so this does not look at the same ones again and again. */
	#leastMissed(): MacAddress | undefined {
		let looked = 0;
		for (const [mac, station] of this.#stations) {
			if (looked++ === STATIONS_MAX || !this.#leasedSince.has(mac)) return mac;
			this.#stations.delete(mac);
			this.#stations.set(mac, station);
		}
		return undefined;
	}

	#forgetOldest(): void {
		const mac = this.#leastMissed();
		const station = mac && this.#stations.get(mac);
		if (station === undefined) return;
		this.#stations.delete(station.mac);
		for (const entry of station.heard) this.#heard.remove(entry, station.mac);
		this.#forgotten += 1;
		if (this.#forgotten === 1 || this.#forgotten % 1000 === 0) {
			this.#log.warn({ forgotten: this.#forgotten, most: STATIONS_MAX }, 'more stations than can be remembered');
		}
	}
}

function isHeard({ heard }: Station, address: string): boolean {
	for (const entry of heard) if (entry.endsWith(` ${address}`)) return true;
	return false;
}
