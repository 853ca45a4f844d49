import type { AddressClaim } from './address-claim.ts';
import { addressText } from './address-text.ts';
import type { EthernetFrame } from './ethernet-frame.ts';

const UDP = 17;
const UDP_HEADER_BYTES = 8;
const IPV4_HEADER_BYTES_MIN = 20;
/** RFC 2131, 4.1. */
const SERVER_PORT = 67;
const CLIENT_PORT = 68;
/** RFC 2131, 2: the operation, and the cookie behind the fixed fields. */
const BOOT_REPLY = 2;
const COOKIE = 236;
const MAGIC_COOKIE = 0x63825363;

/** Who answers a client as a DHCP server, in a frame of IPv4. Undefined: it is no such answer; one to a relay (port 67) is none. */
export function readDhcpServer({ source, payload }: EthernetFrame): AddressClaim | undefined {
	if (payload.length < IPV4_HEADER_BYTES_MIN || payload[9] !== UDP) return undefined;
	const headerBytes = ((payload[0] as number) & 0xf) * 4;
	const udp = payload.subarray(headerBytes);
	if (headerBytes < IPV4_HEADER_BYTES_MIN || udp.length < UDP_HEADER_BYTES + COOKIE + 4) return undefined;
	if (udp.readUInt16BE(0) !== SERVER_PORT || udp.readUInt16BE(2) !== CLIENT_PORT) return undefined;
	const message = udp.subarray(UDP_HEADER_BYTES);
	if (message[0] !== BOOT_REPLY || message.readUInt32BE(COOKIE) !== MAGIC_COOKIE) return undefined;
	return { address: addressText(payload.subarray(12, 16)), claimed: source, claimant: source, how: 'dhcp' };
}
