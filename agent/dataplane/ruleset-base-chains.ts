import { freeBitOf } from './mark.ts';
import { ADVERTISEMENT_CHAIN } from './names.ts';
import type { RulesetOptions } from './ruleset.ts';
import { bothFamilies, deviceSet, hex } from './ruleset-text.ts';

/** In seconds of the rate: enough for the names that a telephone asks for when it joins. */
const DNS_BURST_SECONDS = 100;
/** Askers for whom the table has no room share the rate of so many. */
const DNS_OVERFLOW_STATIONS = 50;
/** A DNS message's first name begins behind the UDP header (8 bytes) and its own (12). */
const NAME_OFFSET_BITS = (8 + 12) * 8;
/** nft compares at most 16 bytes at once. */
const COMPARED_BYTES = 16;

/** The chains that hang in the kernel's hooks, and those that only they enter. */
export function baseChains(options: RulesetOptions): string[] {
	const lan = deviceSet(options.metered);
	const names = deviceSet(options.meteredNames);
	const present = options.metered.length > 0;
	return [
		'',
		"\t# After the router's own firewall, so that what it drops is not charged.",
		'\tchain forwarding {',
		'\t\ttype filter hook forward priority filter + 10; policy accept;',
		...(present ? [`\t\toif ${lan} goto to_station`, `\t\tiif ${lan} goto from_station`] : []),
		'\t\t# A metered device that came back under a new index: nothing, until its rules are renewed.',
		`\t\tiifname ${names} drop`,
		`\t\toifname ${names} drop`,
		'\t}',
		'\t# Sees only the first packet of each flow. Before the firewall may send it elsewhere.',
		'\tchain arriving {',
		'\t\ttype nat hook prerouting priority dstnat - 10; policy accept;',
		...(present ? [`\t\tiif ${lan} tcp dport 80 goto to_portal`] : []),
		'\t}',
		...toPortal(options),
		'\tchain sent_to_portal {',
		...ENTITLED_ADDRESSES.map((who) => `\t\t${who} meta l4proto tcp reject with tcp reset`),
		'\t}',
		'\t# To the router itself and from it: only what stations without a right have to do with the portal and with names.',
		'\tchain to_router {',
		'\t\ttype filter hook input priority filter + 10; policy accept;',
		...(present ? toRouter(options, lan) : []),
		'\t}',
		'\tchain from_router {',
		'\t\ttype filter hook output priority filter + 10; policy accept;',
		...(present ? fromRouter(options, lan) : []),
		'\t}',
		...announcementChain(options),
		...dnsChains(options),
	];
}

/** How an entitled station may come. With any other address it meets the portal, and can log in from there. */
const ENTITLED_ADDRESSES = [
	...bothFamilies('ether saddr . IP saddr @bound#'),
	'ether saddr != @bound',
	'ether saddr @present',
];

/** Whoever may not go there meets the portal instead. */
function toPortal({ metered, free, zeroRated, portal }: RulesetOptions): string[] {
	const sets = ['garden', 'garden_names', ...(zeroRated ? ['free', 'free_names'] : [])];
	const inside = deviceSet([...metered, ...free]);
	return [
		'\tchain to_portal {',
		'\t\tfib daddr type != unicast accept',
		...(metered.length > 0 ? [`\t\tfib daddr oif ${inside} accept`] : []),
		...sets.flatMap((set) => {
			// Zero-rated is only who has a meter.
			const who = set.startsWith('free') ? 'ether saddr @attached ' : '';
			return bothFamilies(`\t\t${who}IP daddr @${set}# accept`);
		}),
		'\t\t# With an address of its session, with its first one, or with a further one: then the forward hook decides.',
		...ENTITLED_ADDRESSES.map((who) => `\t\tether saddr @entitled ${who} accept`),
		`\t\tmeta l4proto tcp redirect to :${portal.port}`,
		'\t}',
	];
}

function toRouter({ portal }: RulesetOptions, lan: string): string[] {
	return [
		'\t\t# A connection that was sent to the portal ends when its station gets a right: the next one goes where it wants.',
		`\t\tiif ${lan} tcp dport ${portal.port} ct status dnat ether saddr @entitled jump sent_to_portal`,
		`\t\tiif ${lan} meta l4proto { tcp, udp } th dport 53 ether saddr != @entitled goto question`,
	];
}

function fromRouter({ mask, announced }: RulesetOptions, lan: string): string[] {
	return [
		...(announced ? [`\t\toif ${lan} icmpv6 type nd-router-advert goto ${ADVERTISEMENT_CHAIN}`] : []),
		`\t\toif ${lan} meta l4proto { tcp, udp } th sport 53 ct mark and ${hex(mask)} == ${hex(freeBitOf(mask))} goto answer`,
	];
}

/**
 * The agent adds the captive-portal option (RFC 8910). In the chain of the output hook that is there anyway, so that only what
 * the router itself sends pays, one comparison more. Whatever happens to the queue, advertisements leave: hosts live by them.
 */
function announcementChain({ announced }: RulesetOptions): string[] {
	if (announced === undefined) return [];
	return [
		"\t# The router's own advertisements; as they are, if nobody reads the queue.",
		`\tchain ${ADVERTISEMENT_CHAIN} {`,
		...(announced.native ? [`\t\tqueue num ${announced.queue} bypass`] : []),
		'\t}',
	];
}

/**
 * Names before login: so few bytes that a tunnel is of no use. Counted by the station that asks, and by the address that is
 * answered. A flow of questions without a right is marked, so that answers to all others pass without a look.
 */
function dnsChains({ mask, portal, dnsBytesPerSecond: rate }: RulesetOptions): string[] {
	const burst = rate * DNS_BURST_SECONDS;
	const limit = `limit rate ${rate} bytes/second burst ${burst} bytes`;
	const shared = rate * DNS_OVERFLOW_STATIONS;
	const overflow = `limit rate ${shared} bytes/second burst ${shared * DNS_BURST_SECONDS} bytes`;
	const isPortal = `meta l4proto udp ${nameIs(portal.name)}`;
	return [
		'\tchain question {',
		`\t\tct mark set ct mark or ${hex(freeBitOf(mask))}`,
		"\t\t# The portal's own name never runs out.",
		`\t\t${isPortal} accept`,
		'\t\tupdate @askers { ether saddr } goto known_asker',
		'\t\t# More than the table has room for: they share.',
		`\t\t${overflow} accept`,
		'\t\tdrop',
		'\t}',
		// Whoever looks an element up spends its limit too: so whether it is there is asked of another set.
		'\tchain known_asker {',
		`\t\tupdate @asked { ether saddr ${limit} } accept`,
		'\t\tdrop',
		'\t}',
		'\tchain answer {',
		`\t\t${isPortal} accept`,
		...bothFamilies('\t\tupdate @askers# { IP daddr } goto known_address'),
		`\t\t${overflow} accept`,
		'\t\tdrop',
		'\t}',
		'\tchain known_address {',
		...bothFamilies(`\t\tupdate @answered# { IP daddr ${limit} } accept`),
		'\t\tdrop',
		'\t}',
	];
}

/** The name that a DNS message asks for, compared byte by byte: in lower case, as all resolvers of telephones and computers ask. */
function nameIs(name: string): string {
	const labels = name
		.split('.')
		.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]));
	const bytes = Buffer.concat([...labels, Buffer.from([0])]);
	const parts: string[] = [];
	for (let start = 0; start < bytes.length; start += COMPARED_BYTES) {
		const part = bytes.subarray(start, start + COMPARED_BYTES);
		parts.push(`@th,${NAME_OFFSET_BITS + start * 8},${part.length * 8} 0x${part.toString('hex')}`);
	}
	return parts.join(' ');
}
