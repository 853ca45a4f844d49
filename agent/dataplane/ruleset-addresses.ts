import { UNDECIDED_ALARM } from './names.ts';
import { drop, note, refuse } from './ruleset-refusals.ts';
import { bothFamilies } from './ruleset-text.ts';

/** How many addresses of a station are handed to the agent: a page by a new address begins some connections, all from the same one. */
const UNDECIDED = { perSecond: 20, burst: 40 };
/** Every host has one of its own on each link, and it goes no further (RFC 4291, 2.5.6). */
const LINK_LOCAL = 'fe80::/10';

/**
 * Matches of what is certainly not its station's: it came in by another device than the session is at, or its address is leased to
 * another station. The leaseholder wins at once, whoever has used the address before.
 */
const FOREIGN = [
	'ether saddr @placed ether saddr . iifname != @placed_at',
	'ip saddr @leased4 ether saddr . ip saddr != @lease_of',
] as const;

/** Why a packet is not its session's. */
const NOT_OWNED = ['address_device', 'address_leased', 'address_unbound'] as const;

function notOwned(reason: (typeof NOT_OWNED)[number]): string {
	return `not_its_own_${reason}`;
}

/**
 * Rules that say whose a packet is: a session is a hardware address, an address that is bound to it, and the device that it is at. After
 * `jump claim`; each gives `verdict` to what is not its session's. The agent asks the same sets (`AddressBindings.owns`).
 */
export function notOfItsSession(verdict: string): string[] {
	return [...FOREIGN, ...bothFamilies('ether saddr . IP saddr != @bound#')].map((match) => `\t\t${match} ${verdict}`);
}

/** The same for stations that may still bind their address with their next flow: only what can never be theirs. */
function foreign(verdict: string): string[] {
	return FOREIGN.map((match) => `\t\t${match} ${verdict}`);
}

/** The chains that decide whose an address is; of a flow only its first packet comes here. */
export function addressChains(): string[] {
	return [
		'\t# The first packet of a flow. Only from an address that belongs to its station.',
		'\tchain unmarked {',
		...FOREIGN.map(
			(match, index) => `\t\t${match} goto ${notOwned(index === 0 ? 'address_device' : 'address_leased')}`,
		),
		...indent(bothFamilies('ether saddr . IP saddr @bound# goto own_flow')),
		'\t\tether saddr @attached jump new_address',
		...indent(bothFamilies('ether saddr . IP saddr @bound# goto own_flow')),
		`\t\tgoto ${notOwned('address_unbound')}`,
		'\t}',
		'\t# Who has a right comes with an address that the agent has not judged yet: in silence, so that the same packet, sent again a second later,',
		'\t# passes if the address is his. Refused at once is who has no right, and what was judged not to be his.',
		...NOT_OWNED.flatMap((reason) => [
			`\tchain ${notOwned(reason)} {`,
			`\t\tether saddr != @entitled ${refuse(reason)}`,
			...indent(bothFamilies(`ether saddr . IP saddr @denied# ${refuse(reason)}`)),
			'\t\tjump undecided',
			`\t\t${note('address_undecided')}`,
			`\t\t${drop('address_undecided')}`,
			'\t}',
		]),
		'\t# Tells the agent, which is woken by the quota (an object that runs over is an event). Of each station so many addresses at once.',
		'\tchain undecided {',
		`\t\tupdate @asking { ether saddr limit rate over ${UNDECIDED.perSecond}/second burst ${UNDECIDED.burst} packets } return`,
		...indent(bothFamilies('add @undecided# { ether saddr . IP saddr . iifname }')),
		`\t\tquota name ${UNDECIDED_ALARM}`,
		'\t}',
		'\t# What an attached station sends to the router itself, to its portal and its resolver, may bind an address as well.',
		'\tchain claim {',
		...foreign('goto claimed'),
		...indent(bothFamilies('ether saddr . IP saddr @bound# return')),
		'\t\tether saddr @attached jump new_address',
		...indent(bothFamilies('ether saddr . IP saddr @bound# return')),
		'\t\tgoto claimed',
		'\t}',
		'\t# A question for a name comes before the connection: by then the agent may have judged.',
		'\tchain claimed {',
		'\t\tether saddr != @entitled return',
		...indent(bothFamilies('ether saddr . IP saddr @denied# return')),
		'\t\tgoto undecided',
		'\t}',
		'\t# An attached station comes with an address that is not bound to it. The first one of its session it has at once, if it is the one that',
		"\t# it leases, or nobody else's and of our own network; of all others the agent is to judge. A link-local one keeps nobody from",
		'\t# having the same elsewhere.',
		'\tchain new_address {',
		'\t\tfib saddr . iif oif missing return',
		'\t\tether saddr @bound return',
		'\t\tether saddr . ip saddr @lease_of goto bind',
		'\t\tip saddr @owned4 return',
		`\t\tip6 saddr != ${LINK_LOCAL} ip6 saddr @owned6 return`,
		'\t\tgoto bind',
		'\t}',
		'\tchain bind {',
		'\t\tadd @bound4 { ether saddr . ip saddr } add @owned4 { ip saddr }',
		'\t\tadd @bound6 { ether saddr . ip6 saddr }',
		`\t\tip6 saddr != ${LINK_LOCAL} add @owned6 { ip6 saddr }`,
		'\t\tadd @bound { ether saddr } add @placed { ether saddr } add @placed_at { ether saddr . iifname }',
		'\t}',
	];
}

function indent(rules: readonly string[]): string[] {
	return rules.map((rule) => `\t\t${rule}`);
}
