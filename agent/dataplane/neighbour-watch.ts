import type { Log } from '../core/log.ts';
import {
	decodeNeighbour,
	decodeNeighbourEvent,
	dumpNeighbours,
	NETLINK_ROUTE,
	type Neighbour,
	NetlinkConnection,
	NetlinkEvents,
	RTNLGRP_NEIGH,
} from '../netlink/index.ts';
import type { Sighting } from '../session/stations.ts';
import { readDevices } from './devices.ts';

/** Follows the kernel's neighbour table (ARP, neighbour discovery) on the metered devices. */
export class NeighbourWatch {
	readonly #metered: ReadonlySet<string>;
	readonly #log: Log;
	readonly #route = new NetlinkConnection({ protocol: NETLINK_ROUTE });
	readonly #events = new NetlinkEvents({ protocol: NETLINK_ROUTE, groups: [RTNLGRP_NEIGH] });
	/** Names of metered devices by index; read anew when an unknown index appears. */
	#names = new Map<number, string>();
	/** Indexes that are no metered device, so that their neighbours do not make us look each time. */
	#others = new Set<number>();
	#stopped = false;

	constructor({ metered, log }: { metered: readonly string[]; log: Log }) {
		this.#metered = new Set(metered);
		this.#log = log;
	}

	/** @param onSighting for every entry that there is, and then for every change @throws the `netlink_*` codes */
	async start(onSighting: (sighting: Sighting) => void): Promise<void> {
		this.#route.start();
		this.#events.start(
			(message) => {
				const event = decodeNeighbourEvent(message);
				if (event) this.#tell(event.neighbour, event.event === 'new', onSighting);
			},
			() => this.#dump(onSighting),
		);
		await this.#dumpNow(onSighting);
	}

	/** May be called twice. */
	stop(): void {
		this.#stopped = true;
		this.#events.stop();
		this.#route.stop();
	}

	#dump(onSighting: (sighting: Sighting) => void): void {
		this.#dumpNow(onSighting).catch((error) => {
			if (!this.#stopped) this.#log.warn({ error }, 'could not read the neighbours');
		});
	}

	async #dumpNow(onSighting: (sighting: Sighting) => void): Promise<void> {
		const devices = await readDevices(this.#route);
		this.#names = new Map();
		this.#others = new Set();
		for (const [name, { interfaceIndex }] of devices) {
			if (this.#metered.has(name)) this.#names.set(interfaceIndex, name);
			else this.#others.add(interfaceIndex);
		}
		for (const neighbour of await this.#route.list(dumpNeighbours(), decodeNeighbour)) {
			this.#tell(neighbour, true, onSighting);
		}
	}

	#tell(neighbour: Neighbour, exists: boolean, onSighting: (sighting: Sighting) => void): void {
		const { interfaceIndex, mac, address, state } = neighbour;
		const device = this.#names.get(interfaceIndex);
		if (device === undefined) {
			if (this.#others.has(interfaceIndex)) return;
			// A device that came since: look once what it is, and at all neighbours.
			this.#others.add(interfaceIndex);
			this.#dump(onSighting);
			return;
		}
		if (mac === undefined || state === 'noarp' || state === 'incomplete') return;
		const alive = exists && state !== 'failed';
		onSighting(address === undefined ? { mac, device, alive } : { mac, address, device, alive });
	}
}
