import type { Config } from '../config/config.ts';
import type { Meter } from '../meter/meter.ts';
import { NETLINK_NETFILTER, NetlinkConnection } from '../netlink/index.ts';
import { identification, type Peer, type Requester } from '../session/requester.ts';
import { AddressBindings } from './address-bindings.ts';
import { NeighbourLookup } from './neighbour-lookup.ts';
import type { Senders } from './senders.ts';

/** One element of a set, or a refusal that repeats the question for it. */
const ELEMENT_BYTES_MAX = 4096;

/** Answers "who is this?" from the kernel's tables and the meter's sessions. */
export class StationIdentification {
	readonly #lookup: NeighbourLookup;
	/** Of its own, because pages ask often and for little. */
	readonly #netfilter = new NetlinkConnection({ protocol: NETLINK_NETFILTER, datagramBytesMax: ELEMENT_BYTES_MAX });
	/** As `identification` makes it. */
	readonly identify: (remote: string) => Promise<Requester | undefined>;

	constructor({ config, meter, senders }: { config: Pick<Config, 'devices'>; meter: Meter; senders: Senders }) {
		this.#lookup = new NeighbourLookup({ metered: config.devices.metered });
		const isOnlyDevice = config.devices.metered.length === 1;
		const bindings = new AddressBindings(this.#netfilter);
		const owns = async (peer: Peer) => senders.leases.allows(peer) && (await bindings.owns(peer, isOnlyDevice));
		this.identify = identification({
			find: (remote) => this.#lookup.find(remote),
			accountOf: (mac) => meter.find(mac)?.pool.account,
			// A stronger witness than addresses, as a Wi-Fi key for each person, stands before this one.
			witnesses: [
				async (peer) => {
					if (await owns(peer)) return 'owner';
					// The kernel refuses him, so nobody tells him that he is online; but it may be his, and then the kernel is told.
					const refusal = await senders.decide(peer);
					return refusal === undefined ? 'owner' : refusal === 'taken' ? 'taken' : 'stranger';
				},
			],
		});
	}

	/** @throws OctroiError `netlink_closed` */
	start(): void {
		this.#lookup.start();
		this.#netfilter.start();
	}

	/** May be called twice. */
	stop(): void {
		this.#lookup.stop();
		this.#netfilter.stop();
	}
}
