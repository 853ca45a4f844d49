import type { MacAddress } from '../core/units.ts';
import type { Lease } from '../session/leases.ts';

/** The one station that holds each leased address, and the one address that each station holds. */
export type LeaseHolders = {
	/** Every leased address, with the station of its newest lease. */
	readonly holderOf: ReadonlyMap<string, MacAddress>;
	/** What each station holds: of several leases of one hardware address, the one that it had already. */
	readonly addressOf: ReadonlyMap<MacAddress, string>;
	/** As whom each station asked for that: another client with its hardware address gets nothing by a lease of its own. */
	readonly clientOf: ReadonlyMap<MacAddress, string | undefined>;
};

export const NO_LEASES: LeaseHolders = { holderOf: new Map(), addressOf: new Map(), clientOf: new Map() };

/** What is known beside the leases. */
export type LeaseMemory = {
	/** What each station held until now: its address stays its own as long as it leases it. */
	readonly before?: LeaseHolders['addressOf'];
	/** As whom each station asked until now: also when its lease is gone, for whoever forges its release would have the next one. */
	readonly clients?: LeaseHolders['clientOf'];
	/** When each lease was seen first: a later one has a higher number. The order of the file says nothing. */
	readonly seen?: (lease: Lease) => number;
	/** Stations with a session of before, and nothing tells which of several clients it is of: none has what only a proof can give. */
	readonly doubted?: ReadonlySet<MacAddress>;
};

/**
 * Decides who holds which address. Of an address that stands in the file twice the newest lease counts, which is the one that ends last; of
 * two that end together the one that was seen first by us later. A hardware address has one: a second device that takes it over, and
 * asks with a client id of its own, gets a second lease, and must not get the session with it. Where nothing tells two leases apart,
 * neither is held, and a proof decides (`LeaseGuard.prefer`).
 */
export function leaseHolders(leases: readonly Lease[], memory: LeaseMemory = {}): LeaseHolders {
	const { before = new Map(), clients = new Map(), seen = () => 0, doubted = new Set() } = memory;
	const newer = (one: Lease, other: Lease) => endOf(one) - endOf(other) || seen(one) - seen(other) || 0;
	const newest = ofAddresses(leases, { before, newer });
	const held = new Map<MacAddress, Lease>();
	/** Of a station, nothing tells the lease that it holds from another one. */
	const tied = new Set<MacAddress>();
	for (const lease of newest.values()) {
		const { mac, address, clientId } = lease;
		const kept = before.get(mac);
		if (address !== kept && clients.has(mac) && clients.get(mac) !== clientId) continue;
		const known = held.get(mac);
		const order = known === undefined ? 1 : known.address === kept ? -1 : newer(lease, known);
		if (address === kept || order > 0) {
			held.set(mac, lease);
			tied.delete(mac);
		} else if (order === 0) tied.add(mac);
	}
	for (const mac of tied) held.delete(mac);
	for (const mac of doubted) {
		const isKnown = before.get(mac) === held.get(mac)?.address || clients.has(mac);
		if (!isKnown) held.delete(mac);
	}
	return {
		holderOf: new Map([...newest].map(([address, { mac }]) => [address, mac])),
		addressOf: new Map([...held].map(([mac, { address }]) => [mac, address])),
		clientOf: new Map([...held].map(([mac, { clientId }]) => [mac, clientId])),
	};
}

/** The newest lease of each address. Of two that nothing tells apart, that of whoever had it; else the same one in any order of the file. */
function ofAddresses(
	leases: readonly Lease[],
	{ before, newer }: { before: LeaseHolders['addressOf']; newer: (one: Lease, other: Lease) => number },
): Map<string, Lease> {
	const newest = new Map<string, Lease>();
	const isKept = ({ mac, address }: Lease) => (before.get(mac) === address ? 1 : 0);
	for (const lease of leases) {
		const known = newest.get(lease.address);
		const order = known && (newer(lease, known) || isKept(lease) - isKept(known) || (lease.mac < known.mac ? 1 : -1));
		if (order === undefined || order > 0) newest.set(lease.address, lease);
	}
	return newest;
}

/** dnsmasq writes 0 for a lease without an end. */
function endOf({ expiresSeconds }: Lease): number {
	return expiresSeconds === 0 ? Number.MAX_SAFE_INTEGER : expiresSeconds;
}
