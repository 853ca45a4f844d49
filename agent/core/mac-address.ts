import { OctroiError } from './octroi-error.ts';
import type { MacAddress } from './units.ts';

/**
 * A station's address from any spelling that people use: `02-AB-…`, `02:ab:…`, `02ab.cd00.0001`, `02abcd000001`.
 * Refuses what cannot be a station: all zeros and group (multicast, broadcast) addresses (IEEE 802-2014, 8.2.2).
 *
 * @throws OctroiError `invalid_value`
 */
export function parseMacAddress(text: string): MacAddress {
	const digits = spelling.test(text) ? text.replaceAll(/[:.-]/g, '').toLowerCase() : '';
	if (digits.length !== 12) {
		throw new OctroiError('invalid_value', `${JSON.stringify(text.slice(0, 40))} is not a MAC address`, {
			fix: 'write six pairs of hexadecimal digits, such as 02:00:5e:10:00:01',
		});
	}
	if ((Number.parseInt(digits.slice(0, 2), 16) & 1) === 1 || digits === '000000000000') {
		throw new OctroiError('invalid_value', `${text} is a group or null address, not a station's`, {
			fix: "use the address that the station's own Wi-Fi interface has",
		});
	}
	return (digits.match(/../g) as string[]).join(':') as MacAddress;
}

const spelling = /^(?:[0-9a-f]{2}([:-]?)(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4})$/i;

/** The six bytes of an address, as the kernel's `ether_addr` has them. */
export function macAddressBytes(address: MacAddress): Buffer {
	return Buffer.from(address.replaceAll(':', ''), 'hex');
}

/** The address that six bytes of a kernel message hold; no check of what kind of address it is. */
export function macAddressOf(bytes: Uint8Array): MacAddress {
	return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':') as MacAddress;
}
