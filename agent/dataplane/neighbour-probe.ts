import {
	decodeLink,
	decodeNeighbour,
	getBridgeEntry,
	getLink,
	getNeighbour,
	type NetlinkConnection,
	type NetlinkRequest,
	probeNeighbour,
	refusalOf,
} from '../netlink/index.ts';
import type { Sender } from './address-bindings.ts';

/**
 * When the kernel's entry is read after it was told to ask: an answer of a device that is awake takes some milliseconds, one of a telephone
 * that sleeps some hundred. The kernel gives up after three questions, a second apart.
 */
const LOOK_AFTER_MS = [2, 10, 30, 80, 200, 500, 1000, 1500, 2000, 2600, 3100, 3600] as const;

/** How often the port is looked at after an answer, and how far apart: somebody else with this hardware address moves it with each frame. */
const PORT_LOOKS = 4;
const PORT_LOOK_MS = 5;

/**
 * What was found of an address: whether its device has answered for it now, and behind which port of the bridge (absent: no bridge). `isApart`: its
 * hardware address was seen behind two ports meanwhile, so two devices have it, and the port says nothing of the one that has answered.
 */
export type Presence = { readonly answered: boolean; readonly port?: number; readonly isApart?: boolean };

/** Asks whether a device is there and has an address. */
export type Probe = (sender: Sender) => Promise<Presence>;

export type NeighbourProbeOptions = {
	/** To NETLINK_ROUTE, started by whoever made it. */
	readonly route: NetlinkConnection;
	/** Calls once after a delay, in milliseconds. */
	readonly after: (delayMs: number, call: () => void) => unknown;
};

/**
 * Makes the question "is this device there, with this address, now?". The kernel asks it by ARP or neighbour discovery (RFC 826, RFC 4861, 7.3),
 * to that hardware address alone, and only the answer to it makes the entry `reachable`: not what the device says unasked, and not traffic.
 * The question throws the `netlink_*` codes.
 */
export function neighbourProbe({ route, after }: NeighbourProbeOptions): Probe {
	/** Undefined: the kernel has none, or refuses. */
	const one = async <Value>(request: NetlinkRequest, decode: (message: Parameters<typeof decodeLink>[0]) => Value) => {
		try {
			const [message] = await route.get(request);
			return message && decode(message);
		} catch (error) {
			if (refusalOf(error)[0] === undefined) throw error;
			return undefined;
		}
	};
	const pause = (delayMs: number) => new Promise<void>((resolve) => after(delayMs, resolve));
	/** @returns whether it has answered; `look` is called before it is asked and at each look */
	const answers = async (index: number, { mac, address }: Sender, look: () => Promise<void>): Promise<boolean> => {
		await look();
		await route.request(probeNeighbour(index, address, mac));
		let before = 0;
		for (const at of LOOK_AFTER_MS) {
			await pause(at - before);
			before = at;
			await look();
			const entry = await one(getNeighbour(index, address), decodeNeighbour);
			if (entry?.mac === mac && entry.state === 'reachable') return true;
			if (entry === undefined || entry.state === 'failed') return false;
			// Somebody else has said meanwhile, unasked, that it is his: the kernel would ask no more.
			if (entry.mac !== mac) await route.request(probeNeighbour(index, address, mac));
		}
		return false;
	};
	/** The kernel has no such network on this device (any more): nobody answers there. */
	const silence = (error: unknown): boolean => {
		if (refusalOf(error)[0] === undefined) throw error;
		return false;
	};
	return async (sender) => {
		const link = await one(getLink(sender.device), decodeLink);
		if (link === undefined) return { answered: false };
		const { interfaceIndex } = link;
		const ports = new Set<number>();
		const look = async () => {
			const entry = await one(getBridgeEntry(interfaceIndex, sender.mac), decodeNeighbour);
			if (entry !== undefined) ports.add(entry.interfaceIndex);
		};
		if (!(await answers(interfaceIndex, sender, look).catch(silence)))
			return { answered: false, isApart: ports.size > 1 };
		for (let count = 0; count < PORT_LOOKS && ports.size > 0; count++) {
			await pause(PORT_LOOK_MS);
			await look();
		}
		const [port] = ports;
		return { answered: true, isApart: ports.size > 1, ...(port === undefined ? {} : { port }) };
	};
}
