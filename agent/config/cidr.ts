import { isIPv4, isIPv6 } from 'node:net';

/** A range of addresses: the first `prefixLength` bits of `bytes`; the others are 0. */
export type Cidr = { readonly text: string; readonly bytes: Uint8Array; readonly prefixLength: number };

/** `2001:db8:…:255.255.255.255/128` has 49 characters; nothing longer is a CIDR. */
const CIDR_CHARACTERS_MAX = 49;

/**
 * A CIDR of one family, or a single address (which gets the full prefix length).
 *
 * @throws Error whose message completes "VALUE …", for a value rule
 */
export function parseCidr(text: string, family: 4 | 6): Cidr {
	const example = family === 4 ? '192.0.2.0/24' : '2001:db8::/32';
	const shown = JSON.stringify(text.slice(0, CIDR_CHARACTERS_MAX));
	const [, address, length] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
	const isAddress = family === 4 ? isIPv4 : isIPv6;
	if (text.length > CIDR_CHARACTERS_MAX || address === undefined || !isAddress(address)) {
		throw new Error(`${shown} is not an IPv${family} range such as ${example}`);
	}
	const bytes = family === 4 ? bytesOfIPv4(address) : bytesOfIPv6(address);
	const bits = bytes.length * 8;
	const prefixLength = length === undefined ? bits : Number(length);
	if (prefixLength < 1 || prefixLength > bits) {
		throw new Error(`${shown} has a prefix length of ${prefixLength}, but it must be from 1 to ${bits}`);
	}
	for (let bit = prefixLength; bit < bits; bit += 1) {
		if (bitOf(bytes, bit) === 1) {
			throw new Error(`${shown} has bits set after its prefix length of ${prefixLength}`);
		}
	}
	return { text: `${address.toLowerCase()}/${prefixLength}`, bytes, prefixLength };
}

/** Does one of the two contain the other? (CIDRs cannot overlap in any other way.) */
export function cidrsOverlap(one: Cidr, other: Cidr): boolean {
	const bits = Math.min(one.prefixLength, other.prefixLength);
	for (let bit = 0; bit < bits; bit += 1) {
		if (bitOf(one.bytes, bit) !== bitOf(other.bytes, bit)) {
			return false;
		}
	}
	return true;
}

function bitOf(bytes: Uint8Array, bit: number): number {
	return ((bytes[bit >> 3] as number) >> (7 - (bit & 7))) & 1;
}

function bytesOfIPv4(address: string): Uint8Array {
	return Uint8Array.from(address.split('.'), Number);
}

/** RFC 4291, 2.2: groups of 16 bits, `::` for a run of zero groups, the last 32 bits perhaps in IPv4's form. */
function bytesOfIPv6(address: string): Uint8Array {
	const [head = '', tail] = address.split('::');
	const first = groupBytes(head);
	const last = tail === undefined ? [] : groupBytes(tail);
	const zeros = Array.from({ length: 16 - first.length - last.length }, () => 0);
	return Uint8Array.from([...first, ...zeros, ...last]);
}

function groupBytes(groups: string): number[] {
	return groups
		.split(':')
		.filter((group) => group !== '')
		.flatMap((group) => {
			if (group.includes('.')) {
				return [...bytesOfIPv4(group)];
			}
			const value = Number.parseInt(group, 16);
			return [value >> 8, value & 0xff];
		});
}
