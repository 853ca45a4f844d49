import { macAddressBytes } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';
import {
	decodeObject,
	decodeSetElements,
	dumpObjects,
	getSetElement,
	ipAddressBytes,
	type NetlinkConnection,
	refusalOf,
} from '../netlink/index.ts';
import { TABLE } from './names.ts';
import {
	PORTAL_COUNTERS,
	RECENT_REFUSALS,
	RECENT_TARGET_REFUSALS,
	REFUSAL_NAMES,
	type Refusal,
	recentSet,
	recentTargetSet,
	refusalCounter,
} from './refusal-reasons.ts';

/** {@link RECENT_TIMEOUT}, by which an element's rest says when it was renewed. */
const RECENT_MS = 600_000;

/** A station, or an address of its, was refused. */
export type RecentlyRefused = { readonly reason: Refusal; readonly agoSeconds: number; readonly address?: string };

/** Packets since the table was made; what is 0 is left out. */
export type RefusalCounts = {
	readonly refused: Readonly<Partial<Record<Refusal, number>>>;
	/** Connections of stations without a right: sent to the portal, and come through the host's own firewall. */
	readonly portal: { readonly sent: number; readonly reached: number };
};

/** Reads why packets were refused from the counters and sets of our table. All methods throw the `netlink_*` codes. */
export class RefusalReader {
	readonly #connection: NetlinkConnection;

	/** @param connection to NETLINK_NETFILTER, started by whoever made it */
	constructor(connection: NetlinkConnection) {
		this.#connection = connection;
	}

	/** All counters of refusals. `netlink_refused` with ENOENT: there is no table. */
	async counts(): Promise<RefusalCounts> {
		const packets = new Map<string, number>();
		await this.#connection.dump(dumpObjects(TABLE, 'counter'), (message) => {
			const object = decodeObject(message);
			if (object?.kind === 'counter' && object.packets > 0) packets.set(object.name, object.packets);
		});
		const refused: Partial<Record<Refusal, number>> = {};
		for (const reason of REFUSAL_NAMES) {
			const count = packets.get(refusalCounter(reason));
			if (count !== undefined) refused[reason] = count;
		}
		const { sent, reached } = PORTAL_COUNTERS;
		return { refused, portal: { sent: packets.get(sent) ?? 0, reached: packets.get(reached) ?? 0 } };
	}

	/** Why a station was refused in the last ten minutes, the newest first. */
	async recent(mac: MacAddress, addresses: readonly string[]): Promise<RecentlyRefused[]> {
		const key = macAddressBytes(mac);
		const ofStation = RECENT_REFUSALS.map(async (reason) => this.#ago(reason, recentSet(reason), key));
		const ofTargets = addresses.flatMap((address) => {
			const family = address.includes(':') ? 6 : 4;
			return RECENT_TARGET_REFUSALS.map(async (reason) => {
				const found = await this.#ago(reason, recentTargetSet(reason, family), ipAddressBytes(address));
				return found && { ...found, address };
			});
		});
		const found = await Promise.all([...ofStation, ...ofTargets]);
		return found
			.filter((one) => one !== undefined)
			.toSorted((one, other) => one.agoMs - other.agoMs)
			.map(({ agoMs, ...one }) => ({ ...one, agoSeconds: Math.floor(agoMs / 1000) }));
	}

	async #ago(reason: Refusal, set: string, key: Buffer): Promise<{ reason: Refusal; agoMs: number } | undefined> {
		try {
			const [message] = await this.#connection.get(getSetElement(TABLE, set, key));
			const [element] = message ? decodeSetElements(message).elements : [];
			if (element === undefined) return undefined;
			return { reason, agoMs: Math.max(0, RECENT_MS - (element.expirationMs ?? RECENT_MS)) };
		} catch (error) {
			if (refusalOf(error)[0]?.errno === 'ENOENT') return undefined;
			throw error;
		}
	}
}
