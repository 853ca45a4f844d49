import { macAddressOf } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';
import { addressText } from './address-text.ts';
import type { EthernetFrame } from './ethernet-frame.ts';

/** Somebody says: that address is at this hardware address. */
export type AddressClaim = {
	readonly address: string;
	/** Whose it is, they say. */
	readonly claimed: MacAddress;
	/** Who says so: the frame's sender. */
	readonly claimant: MacAddress;
	/** `router`: an advertisement, by which a station offers itself as everybody's router. `dhcp`: an answer of a DHCP server. */
	readonly how: 'arp' | 'nd' | 'router' | 'dhcp';
};

/** RFC 826: Ethernet, IPv4, lengths 6 and 4; then the operation. */
const ARP_HEAD = Buffer.from('0001080006 04'.replaceAll(' ', ''), 'hex');
const ARP_BYTES = 28;

/** What an ARP packet claims, be it a question or an answer: receivers believe both. Undefined: nothing (a probe, RFC 5227). */
export function readArpClaim({ source, payload }: EthernetFrame): AddressClaim | undefined {
	if (payload.length < ARP_BYTES || payload.compare(ARP_HEAD, 0, 6, 0, 6) !== 0) return undefined;
	const address = payload.subarray(14, 18);
	if (address.readUInt32BE(0) === 0) return undefined;
	return {
		address: addressText(address),
		claimed: macAddressOf(payload.subarray(8, 14)),
		claimant: source,
		how: 'arp',
	};
}

const IPV6_HEADER_BYTES = 40;
const ICMPV6 = 58;
/** RFC 4861, 6.1 and 7.1: whatever has fewer hops left has come from elsewhere, and nobody believes it. */
const HOP_LIMIT_OF_NEIGHBOURS = 255;
const ROUTER_ADVERTISEMENT = 134;
const NEIGHBOUR_SOLICITATION = 135;
const NEIGHBOUR_ADVERTISEMENT = 136;
const SOURCE_LINK_ADDRESS = 1;
const TARGET_LINK_ADDRESS = 2;

/** What a message of neighbour discovery claims (RFC 4861, 4). Undefined: nothing, such as a question whether an address is free. */
export function readNeighbourClaim({ source, payload }: EthernetFrame): AddressClaim | undefined {
	if (payload.length < IPV6_HEADER_BYTES + 8 || payload[6] !== ICMPV6 || payload[7] !== HOP_LIMIT_OF_NEIGHBOURS) {
		return undefined;
	}
	const sender = payload.subarray(8, 24);
	const message = payload.subarray(IPV6_HEADER_BYTES);
	switch (message[0]) {
		case ROUTER_ADVERTISEMENT:
			return {
				address: addressText(sender),
				claimed: linkAddressIn(message.subarray(16), SOURCE_LINK_ADDRESS) ?? source,
				claimant: source,
				how: 'router',
			};
		case NEIGHBOUR_SOLICITATION: {
			const claimed = linkAddressIn(message.subarray(24), SOURCE_LINK_ADDRESS);
			if (claimed === undefined || sender.every((byte) => byte === 0)) return undefined;
			return { address: addressText(sender), claimed, claimant: source, how: 'nd' };
		}
		case NEIGHBOUR_ADVERTISEMENT: {
			if (message.length < 24) return undefined;
			const claimed = linkAddressIn(message.subarray(24), TARGET_LINK_ADDRESS) ?? source;
			return { address: addressText(message.subarray(8, 24)), claimed, claimant: source, how: 'nd' };
		}
		default:
			return undefined;
	}
}

/** Options are type, length in units of 8 bytes, value. One of length 0 ends a hostile list that would never end. */
function linkAddressIn(options: Buffer, type: number): MacAddress | undefined {
	for (let at = 0; at + 8 <= options.length; ) {
		const length = (options[at + 1] as number) * 8;
		if (length === 0) return undefined;
		if (options[at] === type && length === 8) return macAddressOf(options.subarray(at + 2, at + 8));
		at += length;
	}
	return undefined;
}
