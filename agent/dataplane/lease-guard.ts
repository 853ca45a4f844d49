import type { MacAddress } from '../core/units.ts';
import {
	deleteSetElements,
	ipAddressBytes,
	ipAddressText,
	type NetlinkConnection,
	setElements,
} from '../netlink/index.ts';
import type { Lease } from '../session/leases.ts';
import { type AddressBindings, keyOf, pairOf, type Sender } from './address-bindings.ts';
import { type LeaseHolders, leaseHolders, NO_LEASES } from './lease-holders.ts';
import { TABLE } from './names.ts';
import { LEASES_MAX } from './ruleset-sets.ts';

/** What the kernel's sets hold: addresses, and the keys of stations with their addresses as hexadecimal text. */
type Told = { readonly leased: ReadonlySet<string>; readonly pairs: ReadonlySet<string> };

/** Tells the kernel who leases which address: nobody else may begin a flow from it. */
export class LeaseGuard {
	readonly #connection: NetlinkConnection;
	readonly #addresses: AddressBindings;
	#holders: LeaseHolders = NO_LEASES;
	/** As whom each station had its lease, kept while it has none. */
	readonly #clients = new Map<MacAddress, string | undefined>();
	/** Sessions that were there before the table was, and no client of them is known. */
	readonly #unsure = new Set<MacAddress>();
	/** Of these, those of which more than one client has come: until a proof, for the first one's lease can end, or be released by anybody. */
	readonly #doubted = new Set<MacAddress>();
	/** Leases that stations with a session keep, by their address. */
	readonly #kept = new Map<string, Lease>();
	/** Of these, those that the server has leased to another station. */
	#contested: ReadonlySet<string> = new Set();
	/** In which reading each lease was seen first. */
	#seen: ReadonlyMap<string, number> = new Map();
	#readings = 0;
	/** Undefined: they were not read yet. */
	#leases: readonly Lease[] | undefined;
	/** Undefined: it is not known what the kernel has. */
	#told: Told | undefined;

	constructor(connection: NetlinkConnection, addresses: AddressBindings) {
		this.#connection = connection;
		this.#addresses = addresses;
	}

	/** Whether the address is not leased to another station. */
	allows({ mac, address }: Pick<Sender, 'mac' | 'address'>): boolean {
		const isLeased = this.#holders.holderOf.has(address);
		return !isLeased || this.#holders.addressOf.get(mac) === address;
	}

	/** Whether nothing is known of leases yet. */
	get areUnread(): boolean {
		return this.#leases === undefined;
	}

	/** Whether the address is leased to this station, and the session has it. */
	holds({ mac, address }: Pick<Sender, 'mac' | 'address'>): boolean {
		return this.#holders.addressOf.get(mac) === address;
	}

	/** The address that the session of a station has by its lease, if it has one. */
	heldBy(mac: MacAddress): string[] {
		const address = this.#holders.addressOf.get(mac);
		return address === undefined ? [] : [address];
	}

	/** Whether the address is leased to this hardware address, by whichever client. */
	isOf({ mac, address }: Pick<Sender, 'mac' | 'address'>): boolean {
		return this.#holders.holderOf.get(address) === mac;
	}

	/** Who keeps an address that the DHCP server has leased to another station before his lease ended; see {@link keep}. */
	formerHolder(address: string): MacAddress | undefined {
		return this.#kept.get(address)?.mac;
	}

	/** Somebody has proved by this address that the session is his: of several leases of his hardware address this one counts. */
	async prefer({ mac, address }: Pick<Sender, 'mac' | 'address'>): Promise<void> {
		if (!this.isOf({ mac, address }) || this.holds({ mac, address })) return;
		this.#doubted.delete(mac);
		this.#holders = { ...this.#holders, addressOf: new Map(this.#holders.addressOf).set(mac, address) };
		this.#remember(mac, this.#leases?.find((lease) => lease.mac === mac && lease.address === address)?.clientId);
		await this.#tell(this.#holders, this.#told ?? (await this.#read()));
	}

	/** The address that a station with a session keeps though the DHCP server has it no more as its lease; see {@link keep}. */
	keptBy(mac: MacAddress): string | undefined {
		for (const lease of this.#kept.values()) if (lease.mac === mac) return lease.address;
		return undefined;
	}

	/**
	 * Leases of the server in which stations with a session keep what they had. Nothing in a message of DHCP is proved (RFC 2131, 7): who forges a
	 * release of somebody's lease and takes the address himself, or forges a request for another address, must not evict its holder. It stays his
	 * until he is known to be gone ({@link giveUp}).
	 *
	 * @returns the leases as they are to count, and whose address was leased to another station just now
	 */
	keep(
		leases: readonly Lease[],
		hasSession: (mac: MacAddress) => boolean,
	): { leases: readonly Lease[]; contested: readonly Lease[]; keepers: ReadonlySet<MacAddress> } {
		const takers = new Map(leases.map((lease) => [lease.address, lease]));
		const contested: Lease[] = [];
		for (const lease of [...(this.#leases ?? []), ...this.#kept.values()]) {
			const taker = takers.get(lease.address);
			const isHis = this.holds(lease) && hasSession(lease.mac);
			if (taker?.mac === lease.mac || !isHis) this.#kept.delete(lease.address);
			else {
				if (taker !== undefined && !this.#contested.has(lease.address)) contested.push(lease);
				this.#kept.set(lease.address, lease);
			}
		}
		const kept = [...this.#kept.values()];
		this.#contested = new Set(kept.map(({ address }) => address).filter((address) => takers.has(address)));
		const keepers = new Set(kept.map(({ mac }) => mac));
		const counting = [...leases.filter(({ address }) => !this.#kept.has(address)), ...kept];
		return { leases: counting, contested, keepers };
	}

	/** The holder of an address is gone: with the next leases it is whose the server says. */
	giveUp(address: string): void {
		this.#kept.delete(address);
		this.#leases = this.#leases?.filter((lease) => lease.address !== address);
	}

	/**
	 * Takes the DHCP server's leases, all of them.
	 *
	 * @returns stations that had an address which another one leases: their flows are to be cut
	 * @throws the `netlink_*` codes
	 */
	async leased(leases: readonly Lease[]): Promise<MacAddress[]> {
		this.#leases = leases;
		this.#see(leases);
		const told = this.#told ?? (await this.#read());
		const before = new Map([...told.pairs].map((key) => pairOf(Buffer.from(key, 'hex'))));
		this.#doubt(leases);
		this.#decide(leases, before);
		return await this.#tell(this.#holders, told);
	}

	/** Sessions of before began anew in another table: which client they had is known here, or is not known at all. */
	restored(stations: readonly MacAddress[]): void {
		for (const mac of stations) {
			if (!this.#clients.has(mac)) this.#unsure.add(mac);
			if (this.#unsure.size > LEASES_MAX) forgetOldest(this.#unsure);
		}
	}

	/**
	 * A session begins or ends at these stations: the newest lease counts from now on, for that is the one of whoever stands there, whatever
	 * client had one before.
	 *
	 * @throws the `netlink_*` codes
	 */
	async release(stations: readonly MacAddress[]): Promise<void> {
		for (const mac of stations) {
			this.#unsure.delete(mac);
			this.#doubted.delete(mac);
		}
		// With its only lease in its hands there is nothing to decide.
		const isSettled = (mac: MacAddress) => this.#leasesOf(mac) === (this.#holders.addressOf.has(mac) ? 1 : 0);
		const released = new Set(stations.filter((mac) => !isSettled(mac)));
		if (released.size === 0 || this.#leases === undefined) return;
		for (const mac of released) this.#clients.delete(mac);
		const told = this.#told ?? (await this.#read());
		this.#decide(this.#leases, new Map([...this.#holders.addressOf].filter(([mac]) => !released.has(mac))));
		await this.#tell(this.#holders, told);
	}

	#doubt(leases: readonly Lease[]): void {
		if (this.#unsure.size === 0) return;
		const clients = new Map<MacAddress, string>();
		for (const lease of leases) {
			const { mac } = lease;
			if (!this.#unsure.has(mac)) continue;
			if ((clients.get(mac) ?? clientKey(lease)) !== clientKey(lease)) {
				this.#unsure.delete(mac);
				this.#doubted.add(mac);
			}
			clients.set(mac, clientKey(lease));
		}
		for (const mac of clients.keys()) this.#unsure.delete(mac);
	}

	#decide(leases: readonly Lease[], before: LeaseHolders['addressOf']): void {
		const seen = (lease: Lease) => this.#seen.get(leaseKey(lease)) ?? 0;
		this.#holders = leaseHolders(leases, { before, clients: this.#clients, seen, doubted: this.#doubted });
		for (const [mac, client] of this.#holders.clientOf) this.#remember(mac, client);
	}

	/** Stations with leases that were not there in the reading before. */
	get fresh(): ReadonlySet<MacAddress> {
		const fresh = (this.#leases ?? []).filter((lease) => this.#seen.get(leaseKey(lease)) === this.#readings);
		return new Set(fresh.map(({ mac }) => mac));
	}

	/** Numbers the leases by the reading in which they came. */
	#see(leases: readonly Lease[]): void {
		const before = this.#seen;
		this.#readings += 1;
		this.#seen = new Map(leases.map((lease) => [leaseKey(lease), before.get(leaseKey(lease)) ?? this.#readings]));
	}

	#leasesOf(mac: MacAddress): number {
		return this.#leases?.reduce((count, lease) => count + (lease.mac === mac ? 1 : 0), 0) ?? 0;
	}

	#remember(mac: MacAddress, client: string | undefined): void {
		this.#clients.delete(mac);
		this.#clients.set(mac, client);
		if (this.#clients.size > LEASES_MAX) forgetOldest(this.#clients);
	}

	/** The table was loaded, perhaps anew: what it holds is read before the next change. @returns as {@link leased} */
	async reloaded(): Promise<MacAddress[]> {
		this.#told = undefined;
		return this.#leases === undefined ? [] : await this.leased(this.#leases);
	}

	/** Brings the kernel's sets up to date. @returns as {@link leased} @throws the `netlink_*` codes */
	async #tell({ holderOf, addressOf }: LeaseHolders, told: Told): Promise<MacAddress[]> {
		const leased = new Set([...holderOf.keys()].slice(0, LEASES_MAX));
		const pairs = new Map([...addressOf].slice(0, LEASES_MAX).map((pair) => [pairKey(pair).toString('hex'), pair]));
		const come = [...pairs].filter(([key]) => !told.pairs.has(key));
		this.#told = undefined;
		await this.#connection.batch([
			...changed(
				'lease_of',
				missingIn(pairs, told.pairs).map((key) => Buffer.from(key, 'hex')),
				deleteSetElements,
			),
			...changed('leased4', missingIn(leased, told.leased).map(ipAddressBytes), deleteSetElements),
			...changed('leased4', missingIn(told.leased, leased).map(ipAddressBytes), addElements),
			...changed(
				'lease_of',
				come.map(([, pair]) => pairKey(pair)),
				addElements,
			),
		]);
		this.#told = { leased, pairs: new Set(pairs.keys()) };
		return await this.#addresses.evict(new Map(come.map(([, [mac, address]]) => [address, mac])));
	}

	/** What the kernel has: kept over a restart of the agent, so that a session keeps its lease. */
	async #read(): Promise<Told> {
		const [pairs, leased] = await Promise.all([this.#addresses.keys('lease_of'), this.#addresses.keys('leased4')]);
		return {
			pairs: new Set(pairs.map((key) => key.toString('hex'))),
			leased: new Set(leased.map((key) => ipAddressText(key))),
		};
	}
}

type Encode = (table: string, set: string, elements: { key: Buffer }[]) => ReturnType<typeof setElements>;

const addElements: Encode = (table, set, keys) => setElements(table, set, keys, { existing: 'keep' });

function changed(set: string, keys: readonly Buffer[], encode: Encode): ReturnType<typeof setElements> {
	const elements = keys.map((key) => ({ key }));
	return elements.length === 0 ? [] : encode(TABLE, set, elements);
}

/** Of the second, what the first has not. */
function missingIn(first: { has(one: string): boolean }, second: Iterable<string>): string[] {
	return [...second].filter((one) => !first.has(one));
}

function clientKey({ mac, clientId = '*' }: Lease): string {
	return `${mac} ${clientId}`;
}

function leaseKey(lease: Lease): string {
	return `${clientKey(lease)} ${lease.address}`;
}

function forgetOldest(known: Map<MacAddress, unknown> | Set<MacAddress>): void {
	for (const oldest of known.keys()) {
		known.delete(oldest);
		break;
	}
}

function pairKey([mac, address]: readonly [MacAddress, string]): Buffer {
	return keyOf(mac, ipAddressBytes(address));
}
