import { isIP } from 'node:net';
import {
	decodeLink,
	decodeNeighbour,
	decodeRoute,
	getLink,
	getNeighbour,
	getRoute,
	type Link,
	NETLINK_ROUTE,
	NetlinkConnection,
	type NetlinkRequest,
	refusalOf,
} from '../netlink/index.ts';
import type { Sender } from './address-bindings.ts';

/** States in which the kernel sends to the hardware address of an entry (NUD_VALID, but what needs none). */
const VALID = ['reachable', 'stale', 'delay', 'probe', 'permanent'] as const;

/** A bridge with all that the kernel says of it is about 2 KiB (rtnl_fill_ifinfo); a route or a neighbour is some hundred bytes. */
const LINK_BYTES_MAX = 8192;
/** More than a router has devices. */
const LINKS_MAX = 64;

/**
 * Finds the station at the other end of a connection, in the kernel's own tables: by the device that what is sent to the address leaves by,
 * and the neighbour that it goes to there. So the same address behind two devices is two stations, and of neighbours nothing is
 * remembered that could be late.
 */
export class NeighbourLookup {
	readonly #metered: ReadonlySet<string>;
	readonly #route: NetlinkConnection;
	/** By index, or by name. */
	readonly #links = new Map<number | string, Link>();

	constructor({ metered, route }: { metered: readonly string[]; route?: NetlinkConnection }) {
		this.#metered = new Set(metered);
		this.#route = route ?? new NetlinkConnection({ protocol: NETLINK_ROUTE, datagramBytesMax: LINK_BYTES_MAX });
	}

	/** @throws OctroiError `netlink_closed` */
	start(): void {
		this.#route.start();
	}

	/** May be called twice. */
	stop(): void {
		this.#route.stop();
	}

	/**
	 * @param remote as a socket has it: a link-local address with the name of its device, `fe80::1%br-lan`
	 * @returns undefined: no station of a metered device
	 * @throws the `netlink_*` codes
	 */
	async find(remote: string): Promise<Sender | undefined> {
		const [text = '', scope] = remote.split('%');
		const address = text.replace(/^::ffff:(?=\d+\.)/i, '');
		if (isIP(address) === 0) return undefined;
		const which = scope ?? (await this.#wayTo(address));
		if (which === undefined) return undefined;
		const isKnown = this.#links.has(which);
		// A device that came back has another index.
		return (await this.#at(which, address)) ?? (isKnown ? await this.#at(which, address, true) : undefined);
	}

	/** The device that what is sent to the address leaves by; with one metered device a neighbour of that is no other's. */
	async #wayTo(address: string): Promise<number | string | undefined> {
		const [only, ...others] = this.#metered;
		if (others.length === 0) return only;
		const route = await this.#one(getRoute(address), decodeRoute);
		return route?.isOnLink ? route.interfaceIndex : undefined;
	}

	async #at(which: number | string, address: string, isNew = false): Promise<Sender | undefined> {
		const link = await this.#link(which, isNew);
		if (link === undefined || !this.#metered.has(link.name)) return undefined;
		const found = await this.#one(getNeighbour(link.interfaceIndex, address), decodeNeighbour);
		const isValid = found !== undefined && (VALID as readonly string[]).includes(found.state);
		if (!isValid || found.mac === undefined || found.mac === link.mac) return undefined;
		return { mac: found.mac, address, device: link.name };
	}

	/** Remembers few: a name comes with an address of the link, so whoever asks has come by a device of that name. */
	async #link(which: number | string, isNew: boolean): Promise<Link | undefined> {
		const known = isNew ? undefined : this.#links.get(which);
		if (known !== undefined) return known;
		const link = await this.#one(getLink(which), decodeLink);
		if (this.#links.size >= LINKS_MAX) this.#links.clear();
		if (link === undefined) this.#links.delete(which);
		else this.#links.set(which, link);
		return link;
	}

	/** Undefined: the kernel has none. */
	async #one<Value>(
		request: NetlinkRequest,
		decode: (message: Parameters<typeof decodeLink>[0]) => Value,
	): Promise<Value | undefined> {
		try {
			const [message] = await this.#route.get(request);
			return message && decode(message);
		} catch (error) {
			if (refusalOf(error)[0] === undefined) throw error;
			return undefined;
		}
	}
}
