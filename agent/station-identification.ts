import type { Config } from './config/config.ts';
import { NeighbourLookup } from './dataplane/neighbour-lookup.ts';
import type { Senders } from './dataplane/senders.ts';
import type { Meter } from './meter/meter.ts';
import { identification, type Requester } from './session/requester.ts';

/** Answers "who is this?" from the kernel's tables and the meter's sessions. */
export class StationIdentification {
	readonly #lookup: NeighbourLookup;
	/** As `identification` makes it. */
	readonly identify: (remote: string) => Promise<Requester | undefined>;

	constructor({ config, meter, senders }: { config: Pick<Config, 'devices'>; meter: Meter; senders: Senders }) {
		this.#lookup = new NeighbourLookup({ metered: config.devices.metered });
		this.identify = identification({
			find: (remote) => this.#lookup.find(remote),
			accountOf: (mac) => meter.find(mac)?.pool.account,
			// A stronger witness than addresses, as a Wi-Fi key for each person, stands before this one.
			witnesses: [async (peer) => ((await senders.owns(peer)) ? 'owner' : 'stranger')],
		});
	}

	/** @throws OctroiError `netlink_closed` */
	start(): void {
		this.#lookup.start();
	}

	/** May be called twice. */
	stop(): void {
		this.#lookup.stop();
	}
}
