import type { Log } from '../core/log.ts';
import type { MacAddress } from '../core/units.ts';
import {
	decodeLinkEvent,
	decodeNeighbour,
	decodeNeighbourEvent,
	dumpNeighbours,
	type LinkEvent,
	NETLINK_ROUTE,
	type Neighbour,
	NetlinkConnection,
	NetlinkEvents,
	RTNLGRP_LINK,
	RTNLGRP_NEIGH,
} from '../netlink/index.ts';
import type { Sighting } from '../session/stations.ts';
import { readDevices } from './devices.ts';

/** The kernel keeps at most net.ipv[46].neigh.default.gc_thresh3 entries (1024 by default) of each family. */
const KNOWN_MAX = 16_384;

/** Follows the kernel's neighbour table (ARP, neighbour discovery) on the metered devices. */
export class NeighbourWatch {
	readonly #metered: ReadonlySet<string>;
	readonly #log: Log;
	readonly #route = new NetlinkConnection({ protocol: NETLINK_ROUTE });
	readonly #events = new NetlinkEvents({ protocol: NETLINK_ROUTE, groups: [RTNLGRP_NEIGH, RTNLGRP_LINK] });
	/** Names of metered devices by index; read anew when an unknown index appears. */
	#names = new Map<number, string>();
	/** Indexes that are no metered device, so that their neighbours do not make us look each time. */
	#others = new Set<number>();
	/** The addresses of this router's own devices, by index: a bridge lists them among its neighbours, but they are no stations. */
	#ours = new Map<number, MacAddress>();
	/** What was told as alive, by interface and address: when it fails, the kernel no longer tells whose it was. */
	readonly #known = new Map<string, { readonly sighting: Sighting; readonly dump: number }>();
	#dumps = 0;
	#endedMeanwhile: Set<string> | undefined;
	#lastDump: Promise<void> = Promise.resolve();
	#dumpQueued = false;
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
				else if (this.#takeLink(decodeLinkEvent(message))) this.#dump(onSighting);
			},
			() => this.#dump(onSighting),
		);
		const first = this.#dumpNow(onSighting);
		this.#lastDump = first.catch(() => undefined);
		await first;
	}

	/** May be called twice. */
	stop(): void {
		this.#stopped = true;
		this.#events.stop();
		this.#route.stop();
	}

	/**
	 * @returns whether all neighbours have to be looked at: a metered device came, a device has got or lost the name of one, or an
	 * address is no longer ours, or is now, so that whoever has it is a station, or is none
	 */
	#takeLink(event: LinkEvent | undefined): boolean {
		if (event === undefined) return false;
		const { name, interfaceIndex, mac } = event.link;
		if (event.event === 'deleted') return this.#ours.delete(interfaceIndex);
		if (mac !== undefined && this.#ours.get(interfaceIndex) !== mac) {
			// Already for the next event, which may be of this address.
			this.#ours.set(interfaceIndex, mac);
			return true;
		}
		return this.#names.get(interfaceIndex) !== (this.#metered.has(name) ? name : undefined);
	}

	/** However many events ask for it, one dump waits at most. */
	#dump(onSighting: (sighting: Sighting) => void): void {
		if (this.#dumpQueued) return;
		this.#dumpQueued = true;
		this.#lastDump = this.#lastDump.then(async () => {
			this.#dumpQueued = false;
			if (this.#stopped) return;
			try {
				await this.#dumpNow(onSighting);
			} catch (error) {
				if (!this.#stopped) this.#log.warn({ error }, 'could not read the neighbours');
			}
		});
	}

	async #dumpNow(onSighting: (sighting: Sighting) => void): Promise<void> {
		const devices = await readDevices(this.#route);
		this.#names = new Map();
		this.#others = new Set();
		this.#ours = new Map();
		for (const [name, { interfaceIndex, mac }] of devices) {
			if (mac !== undefined) this.#ours.set(interfaceIndex, mac);
			if (this.#metered.has(name)) this.#names.set(interfaceIndex, name);
			else this.#others.add(interfaceIndex);
		}
		// What events told while we read is newer than what we read.
		const ended = new Set<string>();
		this.#endedMeanwhile = ended;
		this.#dumps += 1;
		try {
			for (const neighbour of await this.#route.list(dumpNeighbours(), decodeNeighbour)) {
				if (!ended.has(keyOf(neighbour))) this.#tell(neighbour, true, onSighting);
			}
			// Whose end we have not heard of.
			for (const [key, { dump }] of this.#known) if (dump < this.#dumps) this.#end(key, onSighting);
		} finally {
			this.#endedMeanwhile = undefined;
		}
	}

	#tell(neighbour: Neighbour, exists: boolean, onSighting: (sighting: Sighting) => void): void {
		const { interfaceIndex, mac, address, state } = neighbour;
		const key = keyOf(neighbour);
		const device = this.#names.get(interfaceIndex);
		if (!exists || state === 'failed') this.#end(key, onSighting);
		else if (device === undefined) this.#meet(interfaceIndex, onSighting);
		else if (mac !== undefined && !this.#isOurs(mac) && state !== 'noarp' && state !== 'incomplete') {
			// An address that another station has now is no longer of the first.
			if (this.#known.get(key)?.sighting.mac !== mac) this.#end(key, onSighting);
			const sighting = address === undefined ? { mac, device, alive: true } : { mac, address, device, alive: true };
			if (this.#known.size < KNOWN_MAX) this.#known.set(key, { sighting, dump: this.#dumps });
			onSighting(sighting);
		}
	}

	#isOurs(mac: MacAddress): boolean {
		for (const ours of this.#ours.values()) if (ours === mac) return true;
		return false;
	}

	/** The neighbour of a device that came since: look once what that is, and at all neighbours. */
	#meet(interfaceIndex: number, onSighting: (sighting: Sighting) => void): void {
		if (this.#others.has(interfaceIndex)) return;
		this.#others.add(interfaceIndex);
		this.#dump(onSighting);
	}

	#end(key: string, onSighting: (sighting: Sighting) => void): void {
		this.#endedMeanwhile?.add(key);
		const known = this.#known.get(key);
		if (!known) return;
		this.#known.delete(key);
		onSighting({ ...known.sighting, alive: false });
	}
}

function keyOf({ interfaceIndex, address, mac }: Neighbour): string {
	return `${interfaceIndex} ${address ?? mac}`;
}
