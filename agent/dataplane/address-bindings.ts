import { isIPv4, isIPv6 } from 'node:net';
import { macAddressBytes, macAddressOf } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';
import {
	decodeSetElements,
	deleteSetElements,
	dumpSetElements,
	getSetElement,
	ipAddressBytes,
	ipAddressText,
	type NetlinkConnection,
	refusalOf,
	setElements,
} from '../netlink/index.ts';
import { METER_AT_MAP, TABLE } from './names.ts';
import { families } from './ruleset-text.ts';

/** In a key of several parts each begins at a multiple of so many bytes: the address stands behind 6 + 2 (NFT_REG32_SIZE). */
const ADDRESS_OFFSET = 8;
/** IFNAMSIZ (linux/if.h); shorter names are filled up with zeros. */
const DEVICE_NAME_BYTES = 16;
/** Of those that a station has when it comes; more are learned from its packets. */
const IPV6_MAX = 8;
/** The sets that hold a station's own hardware address. */
const STATION_SETS = ['bound', 'placed'] as const;
/** The sets whose keys begin with it. */
const KEYED_SETS = ['bound4', 'bound6', 'placed_at'] as const;

/** A station as it comes: its hardware address, and by which address and device. */
export type Sender = { readonly mac: MacAddress; readonly address: string; readonly device: string };

/** Which addresses belong to which station: learned by the kernel from first packets, forgotten by us. */
export class AddressBindings {
	readonly #connection: NetlinkConnection;

	constructor(connection: NetlinkConnection) {
		this.#connection = connection;
	}

	/** Forgets the addresses of these stations. @throws the `netlink_*` codes */
	async release(stations: readonly MacAddress[]): Promise<void> {
		const bound: MacAddress[] = [];
		for (const mac of stations) if (await this.#has('bound', macAddressBytes(mac))) bound.push(mac);
		if (bound.length === 0) return;
		const wanted = new Set(bound);
		for (const set of KEYED_SETS) {
			for (const key of await this.keys(set, (key) => wanted.has(stationOf(key)))) await this.#removeBinding(set, key);
		}
		for (const mac of bound) for (const set of STATION_SETS) await this.#remove(set, macAddressBytes(mac));
	}

	/**
	 * Binds the addresses that stations are known to have when they come: from then on they are the session's. The newest one of
	 * IPv4, some of IPv6; what belongs to another station already is left to it.
	 *
	 * @throws the `netlink_*` codes
	 */
	async bind(stations: readonly { mac: MacAddress; addresses: readonly string[] }[]): Promise<void> {
		for (const { mac, addresses } of stations) {
			const ipv4 = addresses.filter((address) => isIPv4(address)).slice(-1);
			const ipv6 = addresses.filter((address) => isIPv6(address) && !isLinkLocal(address)).slice(-IPV6_MAX);
			for (const address of [...ipv4, ...ipv6]) await this.#bindOne(mac, address);
		}
	}

	/**
	 * Whether a station's session has this address, by this device: what the kernel asks of the first packet of a flow. A link-local
	 * address is nobody's: it says nothing of a session. Not asked: who leases the address; see `LeaseGuard`.
	 *
	 * @param isOnlyDevice no session can be at another one
	 * @throws the `netlink_*` codes
	 */
	async owns({ mac, address, device }: Sender, isOnlyDevice = false): Promise<boolean> {
		if (isLinkLocal(address)) return false;
		const bound = this.#has(`bound${isIPv4(address) ? 4 : 6}`, keyOf(mac, ipAddressBytes(address)));
		if (isOnlyDevice) return await bound;
		const [isBound, isHere] = await Promise.all([bound, this.#has('placed_at', keyOf(mac, deviceBytes(device)))]);
		// A session that has begun no flow yet is at no device yet.
		return isBound && (isHere || !(await this.#has('placed', macAddressBytes(mac))));
	}

	/**
	 * Binds the address by which somebody has proved that the account of this station's session is his: instead of another address of
	 * IPv4, and of all others when the session was at another device. What is another station's stays that.
	 *
	 * @throws the `netlink_*` codes
	 */
	async take(sender: Sender): Promise<void> {
		const { mac, address, device } = sender;
		if (isLinkLocal(address) || (await this.owns(sender))) return;
		const at = keyOf(mac, deviceBytes(device));
		if ((await this.#has('placed', macAddressBytes(mac))) && !(await this.#has('placed_at', at))) {
			await this.release([mac]);
		}
		if (isIPv4(address)) {
			for (const key of await this.keys('bound4', (one) => stationOf(one) === mac)) {
				await this.#removeBinding('bound4', key);
			}
		}
		await this.#bindOne(mac, address);
		await this.#connection.batch([
			...setElements(TABLE, 'placed', [{ key: macAddressBytes(mac) }], { existing: 'keep' }),
			...setElements(TABLE, 'placed_at', [{ key: at }], { existing: 'keep' }),
		]);
	}

	/**
	 * Takes away what is bound to others than those who lease it. What those have instead of it stays theirs until they are known to have left it:
	 * anybody can ask for a lease in somebody's name.
	 *
	 * @param holders the stations that lease addresses, by these
	 * @returns who had an address of another
	 * @throws the `netlink_*` codes
	 */
	async evict(holders: ReadonlyMap<string, MacAddress>): Promise<MacAddress[]> {
		if (holders.size === 0) return [];
		const evicted = new Set<MacAddress>();
		for (const key of await this.keys('bound4')) {
			const mac = stationOf(key);
			const holder = holders.get(pairOf(key)[1]);
			if (holder === undefined || holder === mac) continue;
			await this.#removeBinding('bound4', key);
			evicted.add(mac);
		}
		return [...evicted];
	}

	async #bindOne(mac: MacAddress, address: string): Promise<void> {
		const family = isIPv4(address) ? 4 : 6;
		const bytes = ipAddressBytes(address);
		const station = macAddressBytes(mac);
		if (await this.#has(`owned${family}`, bytes)) return;
		await this.#connection.batch([
			...setElements(TABLE, `owned${family}`, [{ key: bytes }], { existing: 'keep' }),
			...setElements(TABLE, `bound${family}`, [{ key: keyOf(mac, bytes) }], { existing: 'keep' }),
			...setElements(TABLE, 'bound', [{ key: station }], { existing: 'keep' }),
		]);
		// What was refused a moment ago because nobody knew whose it was is his.
		await this.#remove(`denied${family}`, keyOf(mac, bytes));
	}

	/** The addresses that are bound to a station now; of IPv4 first, then those that it used last. @throws the `netlink_*` codes */
	async of(mac: MacAddress): Promise<string[]> {
		const found: { address: string; leftMs: number }[] = [];
		for (const set of ['bound4', 'bound6']) {
			await this.#connection.dump(dumpSetElements(TABLE, set), (message) => {
				for (const { key, expirationMs = 0 } of decodeSetElements(message).elements) {
					if (stationOf(key) !== mac) continue;
					found.push({ address: pairOf(key)[1], leftMs: set === 'bound4' ? Number.POSITIVE_INFINITY : expirationMs });
				}
			});
		}
		return found.toSorted((one, other) => other.leftMs - one.leftMs).map(({ address }) => address);
	}

	/** The station to which an address is bound now. @throws the `netlink_*` codes */
	async holder(address: string): Promise<MacAddress | undefined> {
		const family = isIPv4(address) ? 4 : 6;
		const bytes = ipAddressBytes(address);
		if (!(await this.#has(`owned${family}`, bytes))) return undefined;
		const [key] = await this.keys(`bound${family}`, (one) => one.subarray(ADDRESS_OFFSET).equals(bytes));
		return key && stationOf(key);
	}

	/** Whether it is known by which device a station's session comes, and that it is another one than this. @throws the `netlink_*` codes */
	async isElsewhere({ mac, device }: Pick<Sender, 'mac' | 'device'>): Promise<boolean> {
		if (await this.#has('placed_at', keyOf(mac, deviceBytes(device)))) return false;
		return await this.#has('placed', macAddressBytes(mac));
	}

	/** By which device a station's session comes; undefined: it has begun no flow. @throws the `netlink_*` codes */
	async deviceOf(mac: MacAddress): Promise<string | undefined> {
		const [key] = await this.keys('placed_at', (one) => stationOf(one) === mac);
		return key && deviceName(key.subarray(ADDRESS_OFFSET));
	}

	/** Takes an address away from a station; its other ones stay. @throws the `netlink_*` codes */
	async unbind(mac: MacAddress, address: string): Promise<void> {
		const set = isIPv4(address) ? 'bound4' : 'bound6';
		await this.#removeBinding(set, keyOf(mac, ipAddressBytes(address)));
	}

	/** Addresses of entitled stations that came and are not decided. @throws the `netlink_*` codes */
	async undecided(): Promise<Sender[]> {
		const keys = [...(await this.keys('undecided4')), ...(await this.keys('undecided6'))];
		return keys.map((key) => {
			const end = key.length - DEVICE_NAME_BYTES;
			const address = ipAddressText(key.subarray(ADDRESS_OFFSET, end));
			return { mac: stationOf(key), address, device: deviceName(key.subarray(end)) };
		});
	}

	/** What was decided of an address that came: denied for so long, or no more (0). @throws the `netlink_*` codes */
	async decided({ mac, address, device }: Sender, deniedMs: number): Promise<void> {
		const family = isIPv4(address) ? 4 : 6;
		const pair = keyOf(mac, ipAddressBytes(address));
		await this.#remove(`denied${family}`, pair);
		if (deniedMs > 0) {
			const element = { key: pair, timeoutMs: deniedMs };
			await this.#connection.batch(setElements(TABLE, `denied${family}`, [element], { existing: 'keep' }));
		}
		await this.#remove(`undecided${family}`, Buffer.concat([pair, deviceBytes(device)]));
	}

	/** The keys of one of the table's sets, as they are now. @throws the `netlink_*` codes */
	async keys(set: string, isWanted: (key: Buffer) => boolean = () => true): Promise<Buffer[]> {
		const keys: Buffer[] = [];
		await this.#connection.dump(dumpSetElements(TABLE, set), (message) => {
			for (const { key } of decodeSetElements(message).elements) if (isWanted(key)) keys.push(Buffer.from(key));
		});
		return keys;
	}

	async #has(set: string, key: Buffer): Promise<boolean> {
		try {
			return (await this.#connection.get(getSetElement(TABLE, set, key))).length > 0;
		} catch (error) {
			if (refusalOf(error)[0]?.errno === 'ENOENT') return false;
			throw error;
		}
	}

	/**
	 * These meters are nobody's from now on: no address leads to one of them any more.
	 *
	 * @param isTheirs tells their marks, as keys
	 * @throws the `netlink_*` codes
	 */
	async forgetMeters(isTheirs: (mark: Buffer) => boolean): Promise<void> {
		for (const map of families(METER_AT_MAP)) {
			const keys: Buffer[] = [];
			await this.#connection.dump(dumpSetElements(TABLE, map), (message) => {
				for (const { key, data } of decodeSetElements(message).elements) {
					if (data !== undefined && isTheirs(data)) keys.push(Buffer.from(key));
				}
			});
			for (const key of keys) await this.#remove(map, key);
		}
	}

	async #removeBinding(set: (typeof KEYED_SETS)[number], key: Buffer): Promise<void> {
		await this.#remove(set, key);
		if (set === 'placed_at') return;
		for (const other of ['owned', METER_AT_MAP]) {
			await this.#remove(set.replace('bound', other), key.subarray(ADDRESS_OFFSET));
		}
	}

	/** It may have ended by itself meanwhile. */
	async #remove(set: string, key: Buffer): Promise<void> {
		try {
			await this.#connection.batch(deleteSetElements(TABLE, set, [{ key }]));
		} catch (error) {
			if (refusalOf(error)[0]?.errno !== 'ENOENT') throw error;
		}
	}
}

/** Of one link only (RFC 4291, 2.5.6). */
export function isLinkLocal(address: string): boolean {
	return /^fe[89ab]/i.test(address);
}

/** A hardware address with what follows it in a key. */
export function keyOf(mac: MacAddress, rest: Buffer): Buffer {
	const key = Buffer.alloc(ADDRESS_OFFSET + rest.length);
	macAddressBytes(mac).copy(key);
	rest.copy(key, ADDRESS_OFFSET);
	return key;
}

/** The hardware address and the address of such a key. */
export function pairOf(key: Buffer): [MacAddress, string] {
	return [stationOf(key), ipAddressText(key.subarray(ADDRESS_OFFSET))];
}

function stationOf(key: Buffer): MacAddress {
	return macAddressOf(key.subarray(0, 6));
}

function deviceName(bytes: Buffer): string {
	return bytes.toString('latin1').replace(/\0.*$/s, '');
}

function deviceBytes(name: string): Buffer {
	const bytes = Buffer.alloc(DEVICE_NAME_BYTES);
	bytes.write(name, 'latin1');
	return bytes;
}
