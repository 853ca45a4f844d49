import { macAddressOf } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';
import type { DhcpFingerprint } from '../tether/dhcp-fingerprint.ts';

/** RFC 2131, 2: fixed fields, then the cookie, then options. Offsets from the start of the UDP payload. */
const HARDWARE_ADDRESS = 28;
const COOKIE = 236;
const OPTIONS = 240;
const MAGIC_COOKIE = 0x63825363;
const BOOT_REQUEST = 1;
const ETHERNET = 1;

const PAD = 0;
const END = 255;
const PARAMETER_REQUEST_LIST = 55;
const VENDOR_CLASS = 60;

/** Systems ask for twenty or thirty; 255 is what fits. */
const PARAMETERS_MAX = 64;
const VENDOR_CLASS_BYTES_MAX = 64;

/** What the client in a DHCP message says of itself. Undefined: no request of a client on Ethernet. */
export function readDhcpRequest(message: Buffer): { client: MacAddress; fingerprint: DhcpFingerprint } | undefined {
	if (message.length < OPTIONS || message[0] !== BOOT_REQUEST || message[1] !== ETHERNET) return undefined;
	if (message.readUInt32BE(COOKIE) !== MAGIC_COOKIE) return undefined;
	let vendorClass: string | undefined;
	let parameters: readonly number[] = [];
	for (let at = OPTIONS; at + 1 < message.length; ) {
		const code = message[at] as number;
		if (code === END) break;
		if (code === PAD) {
			at++;
			continue;
		}
		const value = message.subarray(at + 2, at + 2 + (message[at + 1] as number));
		if (code === PARAMETER_REQUEST_LIST) parameters = [...value.subarray(0, PARAMETERS_MAX)];
		if (code === VENDOR_CLASS) vendorClass = value.toString('latin1', 0, VENDOR_CLASS_BYTES_MAX);
		at += 2 + (message[at + 1] as number);
	}
	const client = macAddressOf(message.subarray(HARDWARE_ADDRESS, HARDWARE_ADDRESS + 6));
	return { client, fingerprint: { parameters, ...(vendorClass === undefined ? {} : { vendorClass }) } };
}
