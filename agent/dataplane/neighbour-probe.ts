import {
	decodeLink,
	decodeNeighbour,
	deleteNeighbour,
	getBridgeEntry,
	getLink,
	getNeighbour,
	type NetlinkConnection,
	type NetlinkRequest,
	probeNeighbour,
	refusalOf,
	resolveNeighbour,
} from '../netlink/index.ts';
import type { Sender } from './address-bindings.ts';
import { BridgePorts } from './bridge-ports.ts';

/**
 * When the kernel's entry is read after it was told to ask: an answer of a device that is awake takes some milliseconds, one of a telephone
 * that sleeps some hundred. The kernel asks three times, a second apart. The last look is before a connection that has waited for
 * the decision is tried again: after 3 seconds (RFC 6298, 2).
 */
const LOOK_AFTER_MS = [2, 10, 30, 80, 200, 300, 500, 1000, 1300, 1700, 2000, 2300, 2600] as const;
/** Who has not answered by then is asked through everybody. */
const EVERYBODY_AFTER_MS = 200;

/** After an answer: somebody else with this hardware address moves it to his port with his next frame. */
const PORT_SETTLE_MS = 20;

/** A further device that has the address answers each question to everybody, too: so often it may have turned the entry to itself. */
const TURNED_MAX = 1;
/** The kernel could not ask (neigh_alloc). */
const NO_ROOM: readonly string[] = ['ENOBUFS', 'ENOMEM'];

/**
 * What was found of an address: whether its device has answered for it now, and behind which port of the bridge (absent: no bridge). `isUnclear`:
 * nothing follows from it, neither from an answer nor from silence. Two devices have its hardware address, for it was seen behind two ports meanwhile;
 * or somebody has said again and again that the address is his, so that the kernel heard no answer; or the bridge may have kept the question back.
 */
export type Presence = { readonly answered: boolean; readonly port?: number; readonly isUnclear?: boolean };

/**
 * Whom a question goes to. `it`: the hardware address alone, which a bridge takes to the port where it was heard last: there may be a clone,
 * and the device never hears the question. `everybody`: if it is silent, all devices of the network, so that its silence means that it is not there.
 */
export type Asked = 'it' | 'everybody';

/** Asks whether a device is there and has an address. */
export type Probe = (sender: Sender, asked: Asked) => Promise<Presence>;

export type NeighbourProbeOptions = {
	/** To NETLINK_ROUTE, started by whoever made it. */
	readonly route: NetlinkConnection;
	/** Calls once after a delay, in milliseconds. */
	readonly after: (delayMs: number, call: () => void) => unknown;
};

/**
 * Makes the question "is this device there, with this address, now?". The kernel asks it by ARP or neighbour discovery (RFC 826, RFC 4861, 7.3),
 * and only the answer to it makes the entry `reachable`: not what the device says unasked, and not traffic.
 * The question throws the `netlink_*` codes.
 */
export function neighbourProbe({ route, after }: NeighbourProbeOptions): Probe {
	const ports = new BridgePorts();
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
	/** The kernel has no such network on this device (any more): nobody answers there. Or it has forgotten the entry already. */
	const silence = (error: unknown): boolean => {
		if (refusalOf(error)[0] === undefined) throw error;
		return false;
	};
	/** Forgets what the kernel knows, so that it asks on the whole link. */
	const askEverybody = async (index: number, address: string): Promise<void> => {
		await route.request(deleteNeighbour(index, address)).catch(silence);
		await route.request(resolveNeighbour(index, address));
	};
	/** @returns whether it has answered, and how often somebody else had said meanwhile that the address is his */
	const answers = async (
		index: number,
		{ sender: { mac, address }, asked }: { sender: Sender; asked: Asked },
	): Promise<{ answered: boolean; turned: number }> => {
		await route.request(probeNeighbour(index, address, mac));
		let before = 0;
		let turned = 0;
		for (const at of LOOK_AFTER_MS) {
			await pause(at - before);
			before = at;
			const entry = await one(getNeighbour(index, address), decodeNeighbour);
			if (entry?.mac === mac && entry.state === 'reachable') return { answered: true, turned };
			const isTurned = entry?.mac !== undefined && entry.mac !== mac;
			// Before everybody was asked nobody else has a reason to speak.
			if (isTurned) turned += at <= EVERYBODY_AFTER_MS ? TURNED_MAX + 1 : 1;
			if (at === EVERYBODY_AFTER_MS && asked === 'everybody') await askEverybody(index, address);
			else if (entry === undefined || entry.state === 'failed') return { answered: false, turned };
			// The kernel would ask no more.
			else if (isTurned) await route.request(probeNeighbour(index, address, mac));
		}
		return { answered: false, turned };
	};
	return async (sender, asked) => {
		const link = await one(getLink(sender.device), decodeLink);
		if (link === undefined) return { answered: false };
		const { interfaceIndex: bridgeIndex, isSnooping = false } = link;
		// A question of IPv6 goes to a multicast group of the address (RFC 4861, 7.2.2), one of IPv4 to all.
		const isKeptBack = isSnooping && sender.address.includes(':') && asked === 'everybody';
		return await ports.during({ bridgeIndex, mac: sender.mac }, async (watch) => {
			const look = async () => {
				const entry = await one(getBridgeEntry(bridgeIndex, sender.mac), decodeNeighbour);
				if (entry !== undefined) watch.ports.add(entry.interfaceIndex);
			};
			await look();
			const { answered, turned } = await answers(bridgeIndex, { sender, asked }).catch((error) => ({
				answered: silence(error),
				// A full table of neighbours, which strangers can fill, is nobody's silence.
				turned: NO_ROOM.includes(refusalOf(error)[0]?.errno ?? '') ? TURNED_MAX + 1 : 0,
			}));
			await pause(PORT_SETTLE_MS);
			await look();
			const [port] = watch.ports;
			const isUnclear = watch.isLost || watch.ports.size > 1 || (!answered && (turned > TURNED_MAX || isKeptBack));
			return { answered, isUnclear, ...(port === undefined ? {} : { port }) };
		});
	};
}
