import type { MacAddress } from '../core/units.ts';
import type { NetlinkConnection } from '../netlink/index.ts';
import { AddressBindings, type Sender } from './address-bindings.ts';
import { LeaseGuard } from './lease-guard.ts';

/** Whose a packet is: the agent's side of what the kernel decides with the first packet of a flow. */
export class Senders {
	readonly bindings: AddressBindings;
	readonly leases: LeaseGuard;

	constructor(connection: NetlinkConnection) {
		this.bindings = new AddressBindings(connection);
		this.leases = new LeaseGuard(connection, this.bindings);
	}

	/** Whether this address, by this device, belongs to the session of the station. @throws the `netlink_*` codes */
	async owns(sender: Sender): Promise<boolean> {
		return this.leases.allows(sender) && (await this.bindings.owns(sender));
	}

	/** Of the addresses that were heard of a hardware address those that can be its own, the leased one last: that goes before others. */
	likely(mac: MacAddress, addresses: readonly string[]): string[] {
		const own = addresses.filter((address) => this.leases.allows({ mac, address }));
		const rank = (address: string) => (this.leases.holds({ mac, address }) ? 1 : 0);
		return own.toSorted((one, other) => rank(one) - rank(other));
	}

	/** A session begins or ends at these stations: nothing is theirs yet, or any more. @throws the `netlink_*` codes */
	async release(stations: readonly MacAddress[]): Promise<void> {
		await this.bindings.release(stations);
		await this.leases.release(stations);
	}

	/** Its owner has proved that the session is his, and comes by this address. @throws the `netlink_*` codes */
	async take(sender: Sender): Promise<void> {
		await this.leases.prefer(sender);
		if (this.leases.allows(sender)) await this.bindings.take(sender);
	}
}
