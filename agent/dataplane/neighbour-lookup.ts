import { isIP } from 'node:net';
import {
	decodeLink,
	decodeNeighbour,
	decodeRoute,
	getLink,
	getNeighbour,
	getRoute,
	NETLINK_ROUTE,
	NetlinkConnection,
	type NetlinkRequest,
	refusalOf,
} from '../netlink/index.ts';
import type { Sender } from './address-bindings.ts';

/** States in which the kernel sends to the hardware address of an entry (NUD_VALID, but what needs none). */
const VALID = ['reachable', 'stale', 'delay', 'probe', 'permanent'] as const;

/**
 * Finds the station at the other end of a connection, in the kernel's own tables: by the device that what is sent to the address leaves by,
 * and the neighbour that it goes to there. So the same address behind two devices is two stations, and nothing is remembered that
 * could be late.
 */
export class NeighbourLookup {
	readonly #metered: ReadonlySet<string>;
	readonly #route: NetlinkConnection;

	constructor({ metered, route }: { metered: readonly string[]; route?: NetlinkConnection }) {
		this.#metered = new Set(metered);
		this.#route = route ?? new NetlinkConnection({ protocol: NETLINK_ROUTE });
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
		const link = await (scope === undefined ? this.#linkTowards(address) : this.#one(getLink(scope), decodeLink));
		if (link === undefined || !this.#metered.has(link.name)) return undefined;
		const found = await this.#one(getNeighbour(link.interfaceIndex, address), decodeNeighbour);
		const isValid = found !== undefined && (VALID as readonly string[]).includes(found.state);
		if (!isValid || found.mac === undefined || found.mac === link.mac) return undefined;
		return { mac: found.mac, address, device: link.name };
	}

	async #linkTowards(address: string) {
		const route = await this.#one(getRoute(address), decodeRoute);
		return route?.isOnLink ? await this.#one(getLink(route.interfaceIndex), decodeLink) : undefined;
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
