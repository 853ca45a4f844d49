import type { MacAddress } from '../core/units.ts';
import {
	AF_BRIDGE,
	decodeNeighbourEvent,
	NETLINK_ROUTE,
	NetlinkEvents,
	type NetlinkMessage,
	RTNLGRP_NEIGH,
} from '../netlink/index.ts';

/** The ports of one bridge behind which a hardware address was heard while it was watched; `isLost`: there may have been more. */
export type PortWatch = { readonly ports: Set<number>; isLost: boolean };
type Watched = PortWatch & { readonly bridgeIndex: number; readonly mac: MacAddress };

/**
 * Hears each move of a hardware address between ports of a bridge (br_fdb_update tells it to RTNLGRP_NEIGH), while somebody wants to know.
 * Looks at the forwarding table would miss the moment in which the other one of two devices has sent.
 */
export class BridgePorts {
	readonly #events: NetlinkEvents;
	readonly #watched = new Set<Watched>();

	constructor(events = new NetlinkEvents({ protocol: NETLINK_ROUTE, groups: [RTNLGRP_NEIGH] })) {
		this.#events = events;
	}

	/**
	 * Watches a hardware address while `work` runs; what has moved until it ends is in what it is given.
	 *
	 * @throws OctroiError `netlink_closed`, and what `work` throws
	 */
	async during<Value>(
		{ bridgeIndex, mac }: { bridgeIndex: number; mac: MacAddress },
		work: (watch: PortWatch) => Promise<Value>,
	): Promise<Value> {
		const watched: Watched = { bridgeIndex, mac, ports: new Set(), isLost: false };
		if (this.#watched.size === 0) {
			this.#events.start(
				(message) => this.#hear(message),
				() => this.#lose(),
			);
		}
		this.#watched.add(watched);
		try {
			return await work(watched);
		} finally {
			this.#watched.delete(watched);
			if (this.#watched.size === 0) this.#events.stop();
		}
	}

	#hear(message: NetlinkMessage): void {
		const event = decodeNeighbourEvent(message);
		if (event?.event !== 'new' || event.neighbour.family !== AF_BRIDGE) return;
		const { mac, bridgeIndex, interfaceIndex } = event.neighbour;
		for (const one of this.#watched) {
			if (one.mac === mac && one.bridgeIndex === bridgeIndex) one.ports.add(interfaceIndex);
		}
	}

	#lose(): void {
		for (const one of this.#watched) one.isLost = true;
	}
}
