import { bitsOf } from './mark.ts';
import { stationSet, TABLE } from './names.ts';

/** What the ruleset depends on. */
export type RulesetOptions = {
	/** Metered devices that exist now. nft turns `iif "name"` into a comparison of indexes, so they must. */
	readonly metered: readonly string[];
	/** All metered devices of the configuration, whether they exist or not. */
	readonly meteredNames: readonly string[];
	/** Devices between which and the metered ones nothing is charged, as far as they exist. */
	readonly free: readonly string[];
	readonly mask: number;
	readonly garden: { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] };
	/** Elements of each map: the number of stations that the table can hold. */
	readonly stationsMax: number;
	/** Names this life of the table. Kept by an existing table, whatever is rendered. */
	readonly epoch: string;
};

/**
 * Counts up when chains, maps or objects change their names or types. A table of an older version is upgraded in the same
 * transaction that a restart loads anyway: rules and chains are replaced, objects and maps stay with their figures.
 */
export const RULESET_VERSION = 2;

/**
 * Chains that former versions had and this one has not; those that jump before those that are jumped to.
 *
 * A base chain is never deleted and made anew under its name: for a moment both hang in the hook, and a packet between them
 * is counted by the old rules and by the new ones (5 packets a load, seen with a ping flood). Emptied and filled, it changes
 * at once. So a base chain of another hook or priority takes another name, and its old name comes here.
 */
const FORMER_CHAINS = ['mark_new_flows', 'new_flow', 'limits_down', 'count_up', 'count_down'] as const;

/** The comment of the table, from which a restarted agent recognises it. */
export function tableComment({ epoch, mask }: { epoch: string; mask: number }): string {
	return `octroi epoch ${epoch} mark ${hex(mask)}`;
}

/** The epoch that a table's comment names; none if its marks are other bits than ours, for then its maps say nothing to us. */
export function epochOf(comment: string | undefined, mask: number): string | undefined {
	const found = /^octroi epoch ([0-9a-f-]{36}) mark (0x[0-9a-f]{8})$/.exec(comment ?? '');
	return found?.[2] === hex(mask) ? found[1] : undefined;
}

/**
 * The whole ruleset as text for `nft -f`: one transaction, that creates the table or renews the rules of a running one.
 * Packets see either the old rules or the new ones; maps, quotas and counters keep their contents.
 */
export function renderRuleset(options: RulesetOptions): string {
	const mark = `ct mark and ${hex(options.mask)}`;
	const lines = [
		`# Octroi, ruleset version ${RULESET_VERSION}. Made by the agent; changes by hand are lost at its next start.`,
		`add table inet ${TABLE} { comment "${tableComment(options)}"; }`,
		`flush table inet ${TABLE}`,
		...FORMER_CHAINS.flatMap((chain) => [`add chain inet ${TABLE} ${chain}`, `delete chain inet ${TABLE} ${chain}`]),
		`add set inet ${TABLE} garden4 { type ipv4_addr; flags interval; auto-merge; }`,
		`flush set inet ${TABLE} garden4`,
		`add set inet ${TABLE} garden6 { type ipv6_addr; flags interval; auto-merge; }`,
		`flush set inet ${TABLE} garden6`,
		...options.garden.ipv4.map((block) => `add element inet ${TABLE} garden4 { ${block} }`),
		...options.garden.ipv6.map((block) => `add element inet ${TABLE} garden6 { ${block} }`),
		'',
		`table inet ${TABLE} {`,
		...maps(options),
		...chains(options, mark),
		'}',
	];
	return `${lines.join('\n')}\n`;
}

function maps({ stationsMax: size, mask }: RulesetOptions): string[] {
	const map = (name: string, type: string, why: string, flags = '') => [
		`\t# ${why}`,
		`\tmap ${name} {`,
		`\t\ttype ${type}; size ${size};${flags}`,
		'\t}',
	];
	return [
		'\t# the stations whose meter has this bit; a station that is in none gets no mark, so nothing',
		...bitsOf(mask).flatMap((_, index) => [
			`\tset ${stationSet(index)} {`,
			`\t\ttype ether_addr; size ${size};`,
			'\t}',
		]),
		...map('grant_of', 'mark : quota', 'meter → what its account may spend now; depleted: the low-water alarm'),
		...map('reserve_of', 'mark : quota', 'meter → what it may spend until the next grant comes; depleted: the end'),
		'\t# meters of time packages; an element expires in the kernel, and the time has ended',
		'\tset timed {',
		`\t\ttype mark; size ${size}; flags timeout;`,
		'\t}',
		...map('slow_of', 'mark : limit', 'meter → the rate that fair use leaves it after its last byte'),
		'\t# the same for stations whose plan has a speed: looked for last, so that all others pay nothing for it',
		...map('pace_up_of', 'mark : limit', 'meter → how fast it may send'),
		...map('pace_down_of', 'mark : limit', 'meter → how fast it may receive'),
		...map('paced_grant_of', 'mark : quota', 'as grant_of'),
		...map('paced_reserve_of', 'mark : quota', 'as reserve_of'),
		'\t# as timed',
		'\tset paced_timed {',
		`\t\ttype mark; size ${size}; flags timeout;`,
		'\t}',
		...map('up_of', 'mark : counter', 'meter → what it sent; stands after the limits, so it counts what was forwarded'),
		...map('down_of', 'mark : counter', 'meter → what it received'),
	];
}

function chains({ metered, meteredNames, free, mask }: RulesetOptions, mark: string): string[] {
	const lan = devices(metered);
	const inside = devices([...metered, ...free]);
	const names = devices(meteredNames);
	const present = metered.length > 0;
	return [
		'',
		...pacedChain('up', mark),
		...pacedChain('down', mark),
		"\t# After the router's own firewall, so that what it drops is not charged.",
		'\tchain forwarding {',
		'\t\ttype filter hook forward priority filter + 10; policy accept;',
		...(present ? [`\t\toif ${lan} goto to_station`, `\t\tiif ${lan} goto from_station`] : []),
		'\t\t# A metered device that came back under a new index: nothing, until its rules are renewed.',
		`\t\tiifname ${names} drop`,
		`\t\toifname ${names} drop`,
		'\t}',
		'\tchain from_station {',
		...(free.length > 0 ? [`\t\toif ${devices(free)} accept`] : []),
		...limits('up_of', mark),
		'\t\t# Its limits are at their end.',
		`\t\t${mark} != 0 drop`,
		'\t\tip daddr @garden4 accept',
		'\t\tip6 daddr @garden6 accept',
		'\t\t# The first packet of a flow: it gets the meter of its station, bit by bit, and both directions have it from now on.',
		'\t\t# (A map would have to write the whole mark; the other bits of it belong to others.)',
		...bitsOf(mask).map((bit, index) => `\t\tether saddr @${stationSet(index)} ct mark set ct mark or ${hex(bit)}`),
		'\t\tjump limits_up',
		'\t\tdrop',
		'\t}',
		'\tchain to_station {',
		...(present ? [`\t\tiif ${inside} accept`] : []),
		...limits('down_of', mark),
		`\t\t${mark} != 0 drop`,
		'\t\tip saddr @garden4 accept',
		'\t\tip6 saddr @garden6 accept',
		'\t\tdrop',
		'\t}',
		'\t# The limits for the first packet, which got its mark after it had passed them.',
		'\tchain limits_up {',
		...limits('up_of', mark),
		'\t}',
	];
}

/**
 * The limits of one direction, in the order in which they are spent. Each counts what it lets through in the same rule, which
 * costs less for each packet than a chain to go to.
 */
function limits(counters: 'up_of' | 'down_of', mark: string): string[] {
	const count = `counter name ${mark} map @${counters} accept`;
	return [
		`\t\tquota name ${mark} map @grant_of ${count}`,
		`\t\tquota name ${mark} map @reserve_of ${count}`,
		`\t\t${mark} @timed ${count}`,
		`\t\tlimit name ${mark} map @slow_of ${count}`,
		`\t\tlimit name ${mark} map @pace_${counters} goto paced_${counters === 'up_of' ? 'up' : 'down'}`,
	];
}

/** What is slow enough may spend; what is too fast never gets here, so its quotas do not count it. */
function pacedChain(direction: 'up' | 'down', mark: string): string[] {
	const count = `counter name ${mark} map @${direction}_of accept`;
	return [
		`\tchain paced_${direction} {`,
		`\t\tquota name ${mark} map @paced_grant_of ${count}`,
		`\t\tquota name ${mark} map @paced_reserve_of ${count}`,
		`\t\t${mark} @paced_timed ${count}`,
		'\t\tdrop',
		'\t}',
	];
}

/** One device compares faster than a set of one. */
function devices(names: readonly string[]): string {
	const quoted = names.map((name) => `"${name}"`);
	return quoted.length === 1 ? (quoted[0] as string) : `{ ${quoted.join(', ')} }`;
}

function hex(mask: number): string {
	return `0x${mask.toString(16).padStart(8, '0')}`;
}
