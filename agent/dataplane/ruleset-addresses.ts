import { refuse } from './ruleset-refusals.ts';
import { bothFamilies } from './ruleset-text.ts';

/** How many new addresses a station may take at once, and in a day. */
const CLAIMS = 16;
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

/**
 * Rules that say whose a packet is: a session is a hardware address, an address that is bound to it, and the device that it is at. After
 * `jump claim`; each gives `verdict` to what is not its session's. The agent asks the same sets (`AddressBindings.owns`).
 */
export function notOfItsSession(verdict: string): string[] {
	return [...FOREIGN, ...bothFamilies('ether saddr . IP saddr != @bound#')].map((match) => `\t\t${match} ${verdict}`);
}

/** The same for stations that may still bind their address with their next flow: only what can never be theirs. */
export function foreign(verdict: string): string[] {
	return FOREIGN.map((match) => `\t\t${match} ${verdict}`);
}

/** The chains that decide whose an address is; of a flow only its first packet comes here. */
export function addressChains(): string[] {
	return [
		'\t# The first packet of a flow. Only from an address that belongs to its station.',
		'\tchain unmarked {',
		...FOREIGN.map((match, index) => `\t\t${match} ${refuse(index === 0 ? 'address_device' : 'address_leased')}`),
		...indent(bothFamilies('ether saddr . IP saddr @bound# goto own_flow')),
		'\t\tether saddr @attached jump new_address',
		...indent(bothFamilies('ether saddr . IP saddr @bound# goto own_flow')),
		`\t\t${refuse('address_unbound')}`,
		'\t}',
		'\t# What an attached station sends to the router itself, to its portal and its resolver, may bind an address as well.',
		'\tchain claim {',
		...foreign('return'),
		...indent(bothFamilies('ether saddr . IP saddr @bound# return')),
		'\t\tether saddr @attached goto new_address',
		'\t}',
		"\t# An attached station comes with another address. It may have it if it is nobody else's and of our own network, and",
		'\t# if it is the first one, or another address of the session is in use just now. One of IPv4, some of IPv6. The one that',
		'\t# it leases it may always have, and a link-local one keeps nobody from having the same elsewhere.',
		'\tchain new_address {',
		'\t\tfib saddr . iif oif missing return',
		'\t\tether saddr . ip saddr @lease_of goto bind',
		'\t\tip saddr @owned4 return',
		`\t\tip6 saddr != ${LINK_LOCAL} ip6 saddr @owned6 return`,
		'\t\tether saddr @bound ether saddr != @present return',
		'\t\tmeta nfproto ipv4 ether saddr @has_ipv4 return',
		`\t\tadd @claims { ether saddr limit rate over ${CLAIMS}/day burst ${CLAIMS} packets } return`,
		'\t\tgoto bind',
		'\t}',
		'\tchain bind {',
		'\t\tadd @bound4 { ether saddr . ip saddr } add @owned4 { ip saddr } add @has_ipv4 { ether saddr }',
		'\t\tadd @bound6 { ether saddr . ip6 saddr }',
		`\t\tip6 saddr != ${LINK_LOCAL} add @owned6 { ip6 saddr }`,
		'\t\tadd @bound { ether saddr } add @placed { ether saddr } add @placed_at { ether saddr . iifname }',
		'\t\tadd @present { ether saddr }',
		'\t}',
	];
}

function indent(rules: readonly string[]): string[] {
	return rules.map((rule) => `\t\t${rule}`);
}
