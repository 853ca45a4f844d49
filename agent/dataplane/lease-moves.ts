import type { MacAddress } from '../core/units.ts';
import type { Lease } from '../session/leases.ts';

/**
 * The stations whose addresses the DHCP server has changed: they lease others than before and none of the former ones, or an
 * address of theirs is another station's now. A station that only leases one more (as a second device does that uses its
 * hardware address) is not among them.
 */
export function movedStations(before: readonly Lease[], after: readonly Lease[]): MacAddress[] {
	const now = addressesByStation(after);
	const owners = new Map(after.map(({ address, mac }) => [address, mac]));
	const moved = new Set<MacAddress>();
	for (const [mac, former] of addressesByStation(before)) {
		const present = now.get(mac);
		if (present && !former.some((address) => present.includes(address))) moved.add(mac);
		for (const address of former) {
			const owner = owners.get(address);
			if (owner === undefined || owner === mac) continue;
			moved.add(mac);
			moved.add(owner);
		}
	}
	return [...moved];
}

function addressesByStation(leases: readonly Lease[]): Map<MacAddress, string[]> {
	const all = new Map<MacAddress, string[]>();
	for (const { mac, address } of leases) all.set(mac, [...(all.get(mac) ?? []), address]);
	return all;
}
