import { macAddressOf } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';

export type EthernetFrame = {
	readonly source: MacAddress;
	readonly type: number;
	/** What follows the header. */
	readonly payload: Buffer;
};

export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;

const HEADER_BYTES = 14;

/** IEEE 802.3, 3.2: no station sends from a group address. Undefined: not from a station. */
export function readEthernetFrame(bytes: Buffer): EthernetFrame | undefined {
	if (bytes.length < HEADER_BYTES || ((bytes[6] as number) & 1) === 1) return undefined;
	return {
		source: macAddressOf(bytes.subarray(6, 12)),
		type: bytes.readUInt16BE(12),
		payload: bytes.subarray(HEADER_BYTES),
	};
}
