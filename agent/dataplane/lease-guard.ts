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

	/** Whether the address is leased to this station. */
	holds({ mac, address }: Pick<Sender, 'mac' | 'address'>): boolean {
		return this.#holders.addressOf.get(mac) === address;
	}

	/** Somebody has proved by this address that the session is his: of several leases of his hardware address this one counts. */
	async prefer({ mac, address }: Pick<Sender, 'mac' | 'address'>): Promise<void> {
		if (this.#holders.holderOf.get(address) !== mac || this.holds({ mac, address })) return;
		this.#holders = { ...this.#holders, addressOf: new Map(this.#holders.addressOf).set(mac, address) };
		this.#remember(mac, this.#leases?.find((lease) => lease.mac === mac && lease.address === address)?.clientId);
		await this.#tell(this.#holders, this.#told ?? (await this.#read()));
	}

	/**
	 * Takes the DHCP server's leases, all of them.
	 *
	 * @returns stations that had an address which another one leases: their flows are to be cut
	 * @throws the `netlink_*` codes
	 */
	async leased(leases: readonly Lease[]): Promise<MacAddress[]> {
		this.#leases = leases;
		const told = this.#told ?? (await this.#read());
		const before = new Map([...told.pairs].map((key) => pairOf(Buffer.from(key, 'hex'))));
		this.#holders = leaseHolders(leases, before, this.#clients);
		for (const [mac, client] of this.#holders.clientOf) this.#remember(mac, client);
		return await this.#tell(this.#holders, told);
	}

	/**
	 * A session begins or ends at these stations: the newest lease counts from now on, for that is the one of whoever stands there, whatever
	 * client had one before.
	 *
	 * @throws the `netlink_*` codes
	 */
	async release(stations: readonly MacAddress[]): Promise<void> {
		// With its only lease in its hands there is nothing to decide.
		const isSettled = (mac: MacAddress) => this.#leasesOf(mac) === (this.#holders.addressOf.has(mac) ? 1 : 0);
		const released = new Set(stations.filter((mac) => !isSettled(mac)));
		if (released.size === 0 || this.#leases === undefined) return;
		for (const mac of released) this.#clients.delete(mac);
		const told = this.#told ?? (await this.#read());
		const kept = [...this.#holders.addressOf].filter(([mac]) => !released.has(mac));
		this.#holders = leaseHolders(this.#leases, new Map(kept), this.#clients);
		for (const [mac, client] of this.#holders.clientOf) this.#remember(mac, client);
		await this.#tell(this.#holders, told);
	}

	#leasesOf(mac: MacAddress): number {
		return this.#leases?.reduce((count, lease) => count + (lease.mac === mac ? 1 : 0), 0) ?? 0;
	}

	#remember(mac: MacAddress, client: string | undefined): void {
		this.#clients.delete(mac);
		this.#clients.set(mac, client);
		if (this.#clients.size <= LEASES_MAX) return;
		for (const oldest of this.#clients.keys()) {
			this.#clients.delete(oldest);
			break;
		}
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

function pairKey([mac, address]: readonly [MacAddress, string]): Buffer {
	return keyOf(mac, ipAddressBytes(address));
}
