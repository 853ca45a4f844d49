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

/**
 * Decides who holds which address. Of an address that stands in the file twice the newest lease counts, which is the one that ends last.
 * A hardware address has one: a second device that takes it over, and asks with a client id of its own, gets a second lease, and
 * must not get the session with it.
 *
 * @param before what each station held until now; its address stays its own as long as it leases it
 * @param clients as whom each station asked until now: also when its lease is gone, for whoever forges its release would have the next one
 */
export function leaseHolders(
	leases: readonly Lease[],
	before: LeaseHolders['addressOf'] = new Map(),
	clients: LeaseHolders['clientOf'] = new Map(),
): LeaseHolders {
	const newest = new Map<string, Lease>();
	for (const lease of leases) {
		const known = newest.get(lease.address);
		if (known === undefined || endOf(lease) >= endOf(known)) newest.set(lease.address, lease);
	}
	const held = new Map<MacAddress, Lease>();
	for (const lease of newest.values()) {
		const known = held.get(lease.mac);
		const kept = before.get(lease.mac);
		if (lease.address !== kept && clients.has(lease.mac) && clients.get(lease.mac) !== lease.clientId) continue;
		const isBetter = known === undefined || (known.address !== kept && endOf(lease) > endOf(known));
		if (isBetter || lease.address === kept) held.set(lease.mac, lease);
	}
	return {
		holderOf: new Map([...newest].map(([address, { mac }]) => [address, mac])),
		addressOf: new Map([...held].map(([mac, { address }]) => [mac, address])),
		clientOf: new Map([...held].map(([mac, { clientId }]) => [mac, clientId])),
	};
}

/** dnsmasq writes 0 for a lease without an end. */
function endOf({ expiresSeconds }: Lease): number {
	return expiresSeconds === 0 ? Number.POSITIVE_INFINITY : expiresSeconds;
}
