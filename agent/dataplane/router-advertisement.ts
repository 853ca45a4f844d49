/** IPv6 (RFC 8200, section 3). */
const IPV6_HEADER_BYTES = 40;
const PAYLOAD_LENGTH_AT = 4;
const NEXT_HEADER_AT = 6;
const ADDRESSES_AT = 8;
const ICMPV6 = 58;
/** ICMPv6 (RFC 4443, section 2.1) and the advertisement (RFC 4861, section 4.2), from the IPv6 header on. */
const CODE_AT = IPV6_HEADER_BYTES + 1;
const CHECKSUM_AT = IPV6_HEADER_BYTES + 2;
const ROUTER_ADVERTISEMENT = 134;
const OPTIONS_AT = IPV6_HEADER_BYTES + 16;
/** Options: type and length, which counts these two bytes too, in units of eight octets, in one byte. */
const OPTION_HEADER_BYTES = 2;
const OPTION_UNIT_BYTES = 8;
const OPTION_UNITS_MAX = 255;
/** RFC 3971, section 5.2: receivers ignore what stands behind it. */
const RSA_SIGNATURE = 12;
/** RFC 8910, section 2.3. */
const CAPTIVE_PORTAL = 37;

/** The smallest MTU that a link of IPv6 may have (RFC 8200, section 5). A longer one might leave in fragments, which hosts ignore (RFC 6980). */
export const ADVERTISEMENT_BYTES_MAX = 1280;

/**
 * A router advertisement with the captive-portal option (RFC 8910) behind its other options, which stay as they are. One
 * with a router lifetime of 0 gets it too: the lifetime says nothing of the options (RFC 4861, section 4.2), and a router
 * that has lost its uplink has its portal still.
 *
 * @param packet from the IPv6 header on, whole. May be anything; it is not changed
 * @param uri in ASCII
 * @returns undefined if the packet is to leave as it is: it has the option, or is signed; it is not an advertisement just
 * behind its IPv6 header, or one that hosts would discard (a wrong checksum, an option that does not fit); or it would
 * become longer than {@link ADVERTISEMENT_BYTES_MAX}
 */
export function withCaptivePortal(packet: Buffer, uri: string): Buffer | undefined {
	const option = captivePortalOption(uri);
	if (option === undefined || packet.length + option.length > ADVERTISEMENT_BYTES_MAX) return undefined;
	if (!isAdvertisement(packet) || checksum(packet) !== 0 || !mayBeCompleted(packet)) return undefined;
	const completed = Buffer.concat([packet, option]);
	completed.writeUInt16BE(completed.length - IPV6_HEADER_BYTES, PAYLOAD_LENGTH_AT);
	completed.writeUInt16BE(0, CHECKSUM_AT);
	completed.writeUInt16BE(checksum(completed), CHECKSUM_AT);
	return completed;
}

/** Padded with NUL; undefined if no option can hold the URI. */
function captivePortalOption(uri: string): Buffer | undefined {
	const units = Math.ceil((OPTION_HEADER_BYTES + uri.length) / OPTION_UNIT_BYTES);
	if (uri === '' || units > OPTION_UNITS_MAX) return undefined;
	const option = Buffer.alloc(units * OPTION_UNIT_BYTES);
	option[0] = CAPTIVE_PORTAL;
	option[1] = units;
	option.write(uri, OPTION_HEADER_BYTES, 'latin1');
	return option;
}

/** An IPv6 packet of exactly this length, without extension headers. */
function isAdvertisement(packet: Buffer): boolean {
	return (
		packet.length >= OPTIONS_AT &&
		(packet[0] as number) >> 4 === 6 &&
		packet.readUInt16BE(PAYLOAD_LENGTH_AT) === packet.length - IPV6_HEADER_BYTES &&
		packet[NEXT_HEADER_AT] === ICMPV6 &&
		packet[IPV6_HEADER_BYTES] === ROUTER_ADVERTISEMENT &&
		packet[CODE_AT] === 0
	);
}

/** Its options end where it ends, and none of them forbids another one. */
function mayBeCompleted(packet: Buffer): boolean {
	let at = OPTIONS_AT;
	while (at + OPTION_HEADER_BYTES <= packet.length) {
		const [type, units = 0] = packet.subarray(at, at + OPTION_HEADER_BYTES);
		if (units === 0 || type === CAPTIVE_PORTAL || type === RSA_SIGNATURE) return false;
		at += units * OPTION_UNIT_BYTES;
	}
	return at === packet.length;
}

/** Over the pseudo-header and the message (RFC 8200, section 8.1); 0 if the one that is in it is right. */
function checksum(packet: Buffer): number {
	// The pseudo-header's length and next header; what they are made of is checked before.
	let sum = packet.length - IPV6_HEADER_BYTES + ICMPV6;
	for (let at = ADDRESSES_AT; at < packet.length; at += 2) {
		sum += ((packet[at] as number) << 8) | (packet[at + 1] ?? 0);
	}
	while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
	return ~sum & 0xffff;
}
