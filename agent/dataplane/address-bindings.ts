import { isIPv4, isIPv6 } from 'node:net';
import { macAddressBytes, macAddressOf } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';
import {
	decodeSetElements,
	deleteSetElements,
	dumpSetElements,
	getSetElement,
	ipAddressBytes,
	type NetlinkConnection,
	refusalOf,
	setElements,
} from '../netlink/index.ts';
import { TABLE } from './names.ts';

/** In a key of several parts each begins at a multiple of so many bytes: the address stands behind 6 + 2 (NFT_REG32_SIZE). */
const ADDRESS_OFFSET = 8;
/** Of those that a station has when it comes; more are learned from its packets. */
const IPV6_MAX = 8;
/** The sets that hold a station's own hardware address. */
const STATION_SETS = ['bound', 'has_ipv4', 'present', 'claims'] as const;

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
		for (const family of [4, 6]) {
			const keys: Buffer[] = [];
			await this.#connection.dump(dumpSetElements(TABLE, `bound${family}`), (message) => {
				for (const { key } of decodeSetElements(message).elements) {
					if (wanted.has(macAddressOf(key.subarray(0, 6)))) keys.push(Buffer.from(key));
				}
			});
			for (const key of keys) {
				await this.#remove(`bound${family}`, key);
				await this.#remove(`owned${family}`, key.subarray(ADDRESS_OFFSET));
			}
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
			const ipv6 = addresses.filter((address) => isIPv6(address) && !address.startsWith('fe80:')).slice(-IPV6_MAX);
			for (const address of [...ipv4, ...ipv6]) await this.#bindOne(mac, address);
		}
	}

	async #bindOne(mac: MacAddress, address: string): Promise<void> {
		const family = isIPv4(address) ? 4 : 6;
		const bytes = ipAddressBytes(address);
		const station = macAddressBytes(mac);
		const key = Buffer.alloc(ADDRESS_OFFSET + bytes.length);
		station.copy(key);
		bytes.copy(key, ADDRESS_OFFSET);
		const sets = ['bound', 'present', ...(family === 4 ? ['has_ipv4'] : [])];
		if (await this.#has(`owned${family}`, bytes)) return;
		await this.#connection.batch([
			...setElements(TABLE, `owned${family}`, [{ key: bytes }], { existing: 'keep' }),
			...setElements(TABLE, `bound${family}`, [{ key }], { existing: 'keep' }),
			...sets.flatMap((set) => setElements(TABLE, set, [{ key: station }], { existing: 'keep' })),
		]);
	}

	async #has(set: string, key: Buffer): Promise<boolean> {
		try {
			return (await this.#connection.get(getSetElement(TABLE, set, key))).length > 0;
		} catch (error) {
			if (refusalOf(error)[0]?.errno === 'ENOENT') return false;
			throw error;
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
