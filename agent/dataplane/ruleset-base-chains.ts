import { ASKER_BITS_MAX, freeBitOf, numberBitsOf } from './mark.ts';
import { ADVERTISEMENT_CHAIN, BUDGET_SETS } from './names.ts';
import type { RulesetOptions } from './ruleset.ts';
import { foreign, notOfItsSession } from './ruleset-addresses.ts';
import { bothFamilies, deviceSet, hex } from './ruleset-text.ts';

/** The rate holds over any time of so many seconds, whatever of it comes at once. */
const DNS_WINDOW_SECONDS = 60;
/** Of the rate, what comes steadily. The rest may come at once: the names that a telephone asks for when it joins. */
const DNS_STEADY_SHARE = 0.15;
/** Of the rate, what is for questions; the rest is for answers, which are longer. */
const DNS_QUESTION_SHARE = 0.42;
/** Askers for whom the table has no room share the rate of so many. */
const DNS_OVERFLOW_STATIONS = 50;
/** A DNS message's first name begins behind the UDP header (8 bytes) and its own (12). */
const NAME_OFFSET_BITS = (8 + 12) * 8;
/** The bit that tells an answer from a question, behind the UDP header and the message's id (RFC 1035, 4.1.1). */
const IS_ANSWER = `@th,${(8 + 2) * 8},1 1`;
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
		...foreign('return'),
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
		...foreign(`meta l4proto tcp redirect to :${portal.port}`),
		'\t\t# With an address of its session, with its first one, or with a further one: then the forward hook decides.',
		...ENTITLED_ADDRESSES.map((who) => `\t\tether saddr @entitled ${who} accept`),
		`\t\tmeta l4proto tcp redirect to :${portal.port}`,
		'\t}',
	];
}

function toRouter({ portal }: RulesetOptions, lan: string): string[] {
	const ports = portal.httpsPort === undefined ? portal.port : `{ ${portal.port}, ${portal.httpsPort} }`;
	return [
		'\t\t# A connection that was sent to the portal ends when its station gets a right: the next one goes where it wants.',
		`\t\tiif ${lan} tcp dport ${portal.port} ct status dnat ether saddr @entitled jump sent_to_portal`,
		`\t\tiif ${lan} tcp dport ${ports} ct state new jump claim`,
		`\t\tiif ${lan} meta l4proto { tcp, udp } th dport 53 goto names`,
	];
}

function fromRouter({ announced }: RulesetOptions, lan: string): string[] {
	return [
		...(announced ? [`\t\toif ${lan} icmpv6 type nd-router-advert goto ${ADVERTISEMENT_CHAIN}`] : []),
		`\t\toif ${lan} meta l4proto { tcp, udp } th sport 53 goto named`,
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
 * Names before login: so few bytes that a tunnel is of no use. A question is counted by the station that asks; its flow's mark
 * carries the last bits of the station's hardware address, and by these its answers are counted: whatever address, family or
 * transport it uses, they come out of one budget. Answers to flows of all others pass without a look.
 */
function dnsChains({ mask, portal, dnsBytesPerSecond: rate }: RulesetOptions): string[] {
	const free = hex(freeBitOf(mask));
	const bits = numberBitsOf(mask).slice(0, ASKER_BITS_MAX);
	const asker = hex(bits.reduce((sum, bit) => (sum | bit) >>> 0, 0));
	const questions = limit(rate * DNS_QUESTION_SHARE);
	const answers = limit(rate * (1 - DNS_QUESTION_SHARE));
	const isPortal = `meta l4proto udp ${nameIs(portal.name)}`;
	return [
		'\tchain names {',
		'\t\tether saddr != @entitled goto question',
		'\t\tjump claim',
		...notOfItsSession('goto question'),
		'\t\t# Who asked before login from the same port is not held to it any more.',
		`\t\tct mark and ${hex(mask)} != 0x00000000 ct mark set ct mark and ${hex(~mask >>> 0)}`,
		'\t}',
		'\tchain question {',
		`\t\tct mark set ct mark or ${free}`,
		"\t\t# The portal's own name never runs out.",
		`\t\t${isPortal} accept`,
		'\t\tupdate @askers { ether saddr } goto known_asker',
		'\t\t# More than the table has room for: they share.',
		`\t\t${limit(rate * DNS_QUESTION_SHARE * DNS_OVERFLOW_STATIONS)} goto admitted_question`,
		'\t\tdrop',
		'\t}',
		// Whoever looks an element up spends its limit too: so whether it is there is asked of another set.
		'\tchain known_asker {',
		`\t\tupdate @${BUDGET_SETS.questions} { ether saddr ${questions} } goto admitted_question`,
		'\t\tdrop',
		'\t}',
		'\t# The mark says whose flow it is, by the last bits of the address; whoever shares them shares the answers.',
		'\tchain admitted_question {',
		`\t\tct mark and ${asker} != 0x00000000 accept`,
		...bits.map((bit, index) => `\t\t${hasAddressBit(index)} ct mark set ct mark or ${hex(bit)}`),
		'\t\taccept',
		'\t}',
		'\tchain named {',
		`\t\tct mark and ${free} == ${free} goto answer`,
		"\t\t# An answer that comes when its question's flow is forgotten, so when nobody knows any more who asked: it is too late.",
		`\t\tmeta l4proto udp ct direction original ${IS_ANSWER} drop`,
		'\t\tmeta l4proto tcp ct direction original drop',
		'\t\tct state invalid drop',
		'\t}',
		'\tchain answer {',
		`\t\t${isPortal} accept`,
		`\t\tupdate @${BUDGET_SETS.answers} { ct mark and ${asker} ${answers} } accept`,
		'\t\tdrop',
		'\t}',
	];
}

/** So many bytes in any {@link DNS_WINDOW_SECONDS}, most of them at once. The kernel's bucket holds a second's worth beside its burst. */
function limit(bytesPerSecond: number): string {
	const steady = Math.max(1, Math.floor(bytesPerSecond * DNS_STEADY_SHARE));
	const burst = Math.floor(bytesPerSecond * DNS_WINDOW_SECONDS) - steady * (DNS_WINDOW_SECONDS + 1);
	return `limit rate ${steady} bytes/second burst ${burst} bytes`;
}

/** Whether this bit, counted from the end, of the sender's hardware address is set. */
function hasAddressBit(index: number): string {
	const octets = [0, 0, 0, 0, 0, 0].map((_, octet) => (octet === 5 - (index >> 3) ? 1 << (index & 7) : 0));
	const bit = octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
	return `ether saddr and ${bit} == ${bit}`;
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
