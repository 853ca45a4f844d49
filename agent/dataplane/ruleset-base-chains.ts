import { ADVERTISEMENT_CHAIN, BUDGET_SETS } from './names.ts';
import { PORTAL_COUNTERS } from './refusal-reasons.ts';
import { markText, STATION_ADDRESS } from './ruleset-marks.ts';
import type { RulesetOptions } from './ruleset-options.ts';
import { counted, drop } from './ruleset-refusals.ts';
import { NAME_PORTS, nameLimit, sessionNameChains } from './ruleset-session-names.ts';
import { sourceChains } from './ruleset-sources.ts';
import { bothFamilies, deviceSet } from './ruleset-text.ts';

/** Of the rate, what is for questions; the rest is for answers, which are longer. */
const DNS_QUESTION_SHARE = 0.42;
/** All stations without a right together have what so many may have: less than 0.5 MB/s in the first minute, 60 kB/s after it. */
const ASKERS_TOGETHER = 4096;
/** A DNS message's first name begins behind the UDP header (8 bytes) and its own (12). */
const NAME_OFFSET_BITS = (8 + 12) * 8;
/** The bit that tells an answer from a question, behind the UDP header and the message's id (RFC 1035, 4.1.1). */
const IS_ANSWER = `@th,${(8 + 2) * 8},1 1`;
/** nft compares at most 16 bytes at once. */
const COMPARED_BYTES = 16;

/**
 * Beside its name, a question for the portal's name, or the answer to it, has headers of IPv6 and UDP (48 bytes) and of DNS (12), type and class
 * (4), EDNS with a cookie (27, RFC 7873), and an address (28). What is longer carries something else, and has a budget.
 */
const PORTAL_NAME_BYTES = 48 + 12 + 4 + 27 + 28;

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
		`\t\tiifname ${names} ${drop('device_renewed')}`,
		`\t\toifname ${names} ${drop('device_renewed')}`,
		'\t}',
		...sourceChains(options),
		'\t# Sees only the first packet of each flow. Before the firewall may send it elsewhere.',
		'\tchain arriving {',
		'\t\ttype nat hook prerouting priority dstnat - 10; policy accept;',
		...(present ? [`\t\tiif ${lan} tcp dport 80 goto to_portal`] : []),
		'\t}',
		...toPortal(options),
		'\tchain sent_to_portal {',
		...DENIED.map((who) => `\t\t${who} return`),
		`\t\tmeta l4proto tcp ${counted('portal_ended')} reject with tcp reset`,
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
		'\t# A connection came through the firewall of the host; what was sent here is counted on both sides of it.',
		'\tchain at_portal {',
		`\t\tct status dnat counter name ${PORTAL_COUNTERS.reached}`,
		'\t\tgoto claim',
		'\t}',
		...announcementChain(options),
		...dnsChains(options),
	];
}

/** An address by which an entitled station gets nothing: there it meets the portal, which says why, and can log in. */
const DENIED = bothFamilies('ether saddr . IP saddr @denied#');

/** Whoever may not go there meets the portal instead. */
function toPortal({ metered, free, zeroRated, portal }: RulesetOptions): string[] {
	const sets = ['garden', 'garden_names', ...(zeroRated ? ['free', 'free_names'] : [])];
	const inside = deviceSet([...metered, ...free]);
	const redirected = `counter name ${PORTAL_COUNTERS.sent} redirect to :${portal.port}`;
	return [
		'\tchain to_portal {',
		'\t\tfib daddr type != unicast accept',
		...(metered.length > 0 ? [`\t\tfib daddr oif ${inside} accept`] : []),
		...sets.flatMap((set) => {
			// Zero-rated is only who has a meter.
			const who = set.startsWith('free') ? 'ether saddr @attached ' : '';
			return bothFamilies(`\t\t${who}IP daddr @${set}# accept`);
		}),
		...DENIED.map((who) => `\t\t${who} meta l4proto tcp ${redirected}`),
		'\t\t# With an address of its session, or with one that was not judged yet: then the forward hook decides.',
		'\t\tether saddr @entitled accept',
		`\t\tmeta l4proto tcp ${redirected}`,
		'\t}',
	];
}

/**
 * Errors that the kernel sends before the prerouting hook, so before {@link sourceChains} have looked at what it answers: about options
 * of IPv6 that it does not know, and about fragments whose rest has not come. Each quotes up to 1,280 bytes of somebody, to anybody.
 */
const UNKNOWN_CAUSE = [
	'\t\t# Quotes of packets that came from nobody knows where: these errors are made before sources are looked at.',
	`\t\ticmpv6 type parameter-problem ${drop('unseen_source')}`,
	`\t\ticmpv6 type time-exceeded icmpv6 code 1 ${drop('unseen_source')}`,
	`\t\ticmp type time-exceeded icmp code 1 ${drop('unseen_source')}`,
];

function toRouter({ portal }: RulesetOptions, lan: string): string[] {
	const ports = portal.httpsPort === undefined ? portal.port : `{ ${portal.port}, ${portal.httpsPort} }`;
	return [
		'\t\t# A connection that was sent to the portal ends when its station gets a right: the next one goes where it wants.',
		`\t\tiif ${lan} tcp dport ${portal.port} ct status dnat ether saddr @entitled jump sent_to_portal`,
		`\t\tiif ${lan} tcp dport ${ports} ct state new jump at_portal`,
		`\t\tiif ${lan} meta l4proto { tcp, udp } th dport ${NAME_PORTS} goto names`,
	];
}

function fromRouter({ announced }: RulesetOptions, lan: string): string[] {
	return [
		...UNKNOWN_CAUSE,
		...(announced ? [`\t\toif ${lan} icmpv6 type nd-router-advert goto ${ADVERTISEMENT_CHAIN}`] : []),
		`\t\toif ${lan} meta l4proto { tcp, udp } th sport ${NAME_PORTS} goto named`,
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
 * transport it uses, they come out of one budget. Answers to flows of all others pass without a look. Names of a session are
 * another matter: {@link sessionNameChains}.
 */
function dnsChains(options: RulesetOptions): string[] {
	const { mask, portal, dnsBytesPerSecond: rate } = options;
	const marks = markText(mask);
	const isPortal = `meta l4proto udp meta length <= ${PORTAL_NAME_BYTES + portal.name.length + 2} ${nameIs(portal.name)}`;
	return [
		...sessionNameChains(options),
		'\tchain question {',
		`\t\t${marks.isNot('question')} ${marks.set('question')}`,
		"\t\t# The portal's own name never runs out.",
		`\t\t${isPortal} accept`,
		`\t\tupdate @${BUDGET_SETS.questions} { ${STATION_ADDRESS} ${nameLimit(rate * DNS_QUESTION_SHARE)} } goto all_questions`,
		`\t\t${drop('names')}`,
		'\t}',
		'\t# Whoever comes with more hardware addresses than a venue has guests shares what so many may have together.',
		'\tchain all_questions {',
		`\t\t${nameLimit(rate * DNS_QUESTION_SHARE * ASKERS_TOGETHER)} goto admitted_question`,
		`\t\t${drop('names_total')}`,
		'\t}',
		'\t# The mark says whose flow it is, by the last bits of the address; whoever shares them shares the answers.',
		'\tchain admitted_question {',
		`\t\t${marks.hasStation} accept`,
		...marks.addStation.map((rule) => `\t\t${rule}`),
		'\t\taccept',
		'\t}',
		'\tchain named {',
		`\t\t${marks.is('question')} goto answer`,
		"\t\t# An answer that comes when its question's flow is forgotten, so when nobody knows any more who asked: it is too late.",
		`\t\tmeta l4proto udp ct direction original ${IS_ANSWER} ${drop('names_late')}`,
		`\t\tmeta l4proto tcp ct direction original ${drop('names_late')}`,
		`\t\tct state invalid ${drop('invalid')}`,
		`\t\t${marks.isSome} goto session_answer`,
		'\t\t# Between two grants its question took the mark away: what is under way in this flow has no meter, and comes again.',
		`\t\tct direction reply ${drop('names_late')}`,
		'\t}',
		'\tchain answer {',
		`\t\t${isPortal} accept`,
		`\t\tupdate @${BUDGET_SETS.answers} { ${marks.station} ${nameLimit(rate * (1 - DNS_QUESTION_SHARE))} } goto all_answers`,
		`\t\t${drop('names')}`,
		'\t}',
		'\tchain all_answers {',
		`\t\t${nameLimit(rate * (1 - DNS_QUESTION_SHARE) * ASKERS_TOGETHER)} accept`,
		`\t\t${drop('names_total')}`,
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
