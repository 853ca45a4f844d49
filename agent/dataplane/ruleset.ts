import { TABLE } from './names.ts';

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
export const RULESET_VERSION = 1;

/** Chains of this and of all former versions, those that jump before those that are jumped to. */
const CHAINS = [
	'mark_new_flows',
	'forwarding',
	'new_flow',
	'from_station',
	'to_station',
	'count_up',
	'count_down',
] as const;

/** The comment of the table, from which a restarted agent recognises it. */
export function tableComment(epoch: string): string {
	return `octroi epoch ${epoch}`;
}

/** The epoch that a table's comment names. */
export function epochOf(comment: string | undefined): string | undefined {
	return /^octroi epoch ([0-9a-f-]{36})$/.exec(comment ?? '')?.[1];
}

/**
 * The whole ruleset as text for `nft -f`: one transaction, that creates the table or renews the rules of a running one.
 * Packets see either the old rules or the new ones; maps, quotas and counters keep their contents.
 */
export function renderRuleset(options: RulesetOptions): string {
	const mark = `ct mark and ${hex(options.mask)}`;
	const lines = [
		`# Octroi, ruleset version ${RULESET_VERSION}. Made by the agent; changes by hand are lost at its next start.`,
		`add table inet ${TABLE} { comment "${tableComment(options.epoch)}"; }`,
		`flush table inet ${TABLE}`,
		...CHAINS.flatMap((chain) => [`add chain inet ${TABLE} ${chain}`, `delete chain inet ${TABLE} ${chain}`]),
		`add set inet ${TABLE} garden4 { type ipv4_addr; flags interval; auto-merge; }`,
		`flush set inet ${TABLE} garden4`,
		`add set inet ${TABLE} garden6 { type ipv6_addr; flags interval; auto-merge; }`,
		`flush set inet ${TABLE} garden6`,
		...options.garden.ipv4.map((block) => `add element inet ${TABLE} garden4 { ${block} }`),
		...options.garden.ipv6.map((block) => `add element inet ${TABLE} garden6 { ${block} }`),
		'',
		`table inet ${TABLE} {`,
		...maps(options.stationsMax),
		...chains(options, mark),
		'}',
	];
	return `${lines.join('\n')}\n`;
}

function maps(size: number): string[] {
	const map = (name: string, type: string, why: string, flags = '') => [
		`\t# ${why}`,
		`\tmap ${name} {`,
		`\t\ttype ${type}; size ${size};${flags}`,
		'\t}',
	];
	return [
		...map('station', 'ether_addr : mark', 'station → its meter; a station that is not here gets no mark, so nothing'),
		...map('grant_of', 'mark : quota', 'meter → what its account may spend now; depleted: the low-water alarm'),
		...map('reserve_of', 'mark : quota', 'meter → what it may spend until the next grant comes; depleted: the end'),
		'\t# meters of time packages; an element expires in the kernel, and the time has ended',
		'\tset timed {',
		`\t\ttype mark; size ${size}; flags timeout;`,
		'\t}',
		...map('slow_of', 'mark : limit', 'meter → the rate that fair use leaves it after its last byte'),
		...map('up_of', 'mark : counter', 'meter → what it sent; stands after the limits, so it counts what was forwarded'),
		...map('down_of', 'mark : counter', 'meter → what it received'),
	];
}

function chains({ metered, meteredNames, free }: RulesetOptions, mark: string): string[] {
	const lan = devices(metered);
	const inside = devices([...metered, ...free]);
	const names = devices(meteredNames);
	const present = metered.length > 0;
	return [
		'',
		'\t# The first packet of a flow gives it the meter of its station, for both directions, before and after NAT.',
		'\t# Runs before others (mwan3, policy routing) add their bits: nftables cannot set only ours from a map.',
		'\tchain mark_new_flows {',
		'\t\ttype filter hook prerouting priority mangle - 10; policy accept;',
		...(present ? [`\t\tiif ${lan} ct mark 0 goto new_flow`] : []),
		'\t}',
		'\tchain new_flow {',
		'\t\tip daddr @garden4 return',
		'\t\tip6 daddr @garden6 return',
		'\t\tct mark set ether saddr map @station',
		'\t}',
		'',
		"\t# After the router's own firewall, so that what it drops is not charged.",
		'\tchain forwarding {',
		'\t\ttype filter hook forward priority filter + 10; policy accept;',
		...(present ? [`\t\toif ${lan} goto to_station`, `\t\tiif ${lan} goto from_station`] : []),
		'\t\t# A metered device that came back under a new index: nothing, until its rules are renewed.',
		`\t\tiifname ${names} drop`,
		`\t\toifname ${names} drop`,
		'\t}',
		...direction('from_station', {
			first: free.length > 0 ? [`\t\toif ${devices(free)} accept`] : [],
			count: 'count_up',
			address: 'daddr',
			mark,
		}),
		...direction('to_station', {
			first: present ? [`\t\tiif ${inside} accept`] : [],
			count: 'count_down',
			address: 'saddr',
			mark,
		}),
		'\tchain count_up {',
		`\t\tcounter name ${mark} map @up_of accept`,
		'\t\tdrop',
		'\t}',
		'\tchain count_down {',
		`\t\tcounter name ${mark} map @down_of accept`,
		'\t\tdrop',
		'\t}',
	];
}

/** The limits of one direction, in the order in which they are spent. What none of them lets through is dropped. */
function direction(
	name: string,
	{ first, count, address, mark }: { first: string[]; count: string; address: string; mark: string },
): string[] {
	return [
		`\tchain ${name} {`,
		...first,
		`\t\tquota name ${mark} map @grant_of goto ${count}`,
		`\t\tquota name ${mark} map @reserve_of goto ${count}`,
		`\t\t${mark} @timed goto ${count}`,
		`\t\tlimit name ${mark} map @slow_of goto ${count}`,
		`\t\t${mark} 0 ip ${address} @garden4 accept`,
		`\t\t${mark} 0 ip6 ${address} @garden6 accept`,
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
