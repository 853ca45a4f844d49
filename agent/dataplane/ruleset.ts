import { freeBitOf, tetheredBitOf } from './mark.ts';
import { BUDGET_SETS, GARDEN_BUDGETS_SET, INBOUND_BUDGETS_SET, METER_AT_MAP, TABLE } from './names.ts';
import { baseChains } from './ruleset-base-chains.ts';
import { classChains } from './ruleset-classes.ts';
import { forwardChains } from './ruleset-forward.ts';
import type { RulesetOptions } from './ruleset-options.ts';
import { rangeSets, sets } from './ruleset-sets.ts';
import { families, hex } from './ruleset-text.ts';

/**
 * Counts up when chains, maps or objects change their names or types. A table of an older version is upgraded in the same
 * transaction that a restart loads anyway: rules and chains are replaced, objects and maps stay with their figures.
 */
export const RULESET_VERSION = 9;

/**
 * Chains that former versions had and this one has not; those that jump before those that are jumped to.
 *
 * A base chain is never deleted and made anew under its name: for a moment both hang in the hook, and a packet between them
 * is counted by the old rules and by the new ones (5 packets a load, seen with a ping flood). Emptied and filled, it changes
 * at once. So a base chain of another hook or priority takes another name, and its old name comes here.
 */
const FORMER_CHAINS = [
	'mark_new_flows',
	'new_flow',
	'limits_down',
	'count_up',
	'count_down',
	'known_address',
	'tether_slowed_up',
	'tether_slowed_down',
	'tethered_up',
	'tethered_down',
	'known_asker',
] as const;

/** Maps and sets that former versions had, with their types. What they gave is given anew by the agent that loads these rules. */
const FORMER_MAPS = {
	slow_of: 'limit',
	tether_left_of: 'quota',
	tether_pace_up_of: 'limit',
	tether_pace_down_of: 'limit',
	tether_class_of: 'classid',
	tether_grant_of: 'quota',
	tether_reserve_of: 'quota',
} as const;
const FORMER_TIMED = ['tether_timed'] as const;

/** Sets that former versions had, with their types; all were filled by packets, for a while. */
const FORMER_SETS = {
	asked: 'ether_addr',
	askers4: 'ipv4_addr',
	askers6: 'ipv6_addr',
	answered4: 'ipv4_addr',
	answered6: 'ipv6_addr',
	askers: 'ether_addr',
	question_budgets: 'ether_addr',
} as const;
/** Sets of stations that version 8 had: how their address was learned. */
const FORMER_STATION_SETS = { has_ipv4: '12h', present: '10s', claims: '1d' } as const;

/** As they were declared: a set that is added again must be the same. */
function formerSets({ stationsMax }: RulesetOptions): string[] {
	const removed = (set: string, type: string, size: number, timeout: string) => [
		`add set inet ${TABLE} ${set} { type ${type}; size ${size}; flags dynamic, timeout; timeout ${timeout}; }`,
		`delete set inet ${TABLE} ${set}`,
	];
	return [
		...Object.entries(FORMER_SETS).flatMap(([set, type]) =>
			removed(set, type, 4096, set === 'question_budgets' ? '8m' : '10m'),
		),
		...Object.entries(FORMER_STATION_SETS).flatMap(([set, timeout]) =>
			removed(set, 'ether_addr', stationsMax, timeout),
		),
	];
}

/** The comment of the table, from which a restarted agent recognises it. */
export function tableComment({ epoch, mask }: { epoch: string; mask: number }): string {
	return `octroi epoch ${epoch} mark ${hex(mask)} class ${hex(freeBitOf(mask))} ${hex(tetheredBitOf(mask))}`;
}

/**
 * The epoch that a table's comment names; none if its marks are other bits than ours, for then its maps say nothing to us. A
 * table keeps its comment when its rules are renewed: one of version 3 had no bit for tethered flows. Its marks are ours if the
 * rest of our mask is its mask.
 */
export function epochOf(comment: string | undefined, mask: number): string | undefined {
	const found = /^octroi epoch ([0-9a-f-]{36}) mark (0x[0-9a-f]{8}) class (0x[0-9a-f]{8})( 0x[0-9a-f]{8})?$/.exec(
		comment ?? '',
	);
	if (!found) return undefined;
	const [, epoch, marks, free, tethered] = found;
	const bit = tetheredBitOf(mask);
	const isSame = tethered === undefined ? marks === hex((mask & ~bit) >>> 0) : marks === hex(mask);
	return isSame && free === hex(freeBitOf(mask)) ? epoch : undefined;
}

/**
 * The whole ruleset as text for `nft -f`: one transaction, that creates the table or renews the rules of a running one.
 * Packets see either the old rules or the new ones; maps, quotas and counters keep their contents, and so do the sets that
 * dnsmasq and the packets fill.
 */
export function renderRuleset(options: RulesetOptions): string {
	const lines = [
		`# Octroi, ruleset version ${RULESET_VERSION}. Made by the agent; changes by hand are lost at its next start.`,
		`add table inet ${TABLE} { comment "${tableComment(options)}"; }`,
		`flush table inet ${TABLE}`,
		...FORMER_CHAINS.flatMap((chain) => [`add chain inet ${TABLE} ${chain}`, `delete chain inet ${TABLE} ${chain}`]),
		...Object.entries(FORMER_MAPS).flatMap(([map, object]) => [
			`add map inet ${TABLE} ${map} { type mark : ${object}; size ${options.stationsMax}; }`,
			`delete map inet ${TABLE} ${map}`,
		]),
		...FORMER_TIMED.flatMap((set) => [
			`add set inet ${TABLE} ${set} { type mark; size ${options.stationsMax}; flags timeout; }`,
			`delete set inet ${TABLE} ${set}`,
		]),
		...formerSets(options),
		...rangeSets('garden', options.garden),
		...rangeSets('free', options.zeroRated ?? { ipv4: [], ipv6: [] }),
		'',
		`table inet ${TABLE} {`,
		...sets(options),
		...baseChains(options),
		...classChains(options),
		...forwardChains(options),
		'}',
		'# An element keeps the limit that it was made with: without this, `tethered.flowsPerSecond` would change for new stations alone.',
		`flush set inet ${TABLE} judging`,
		'# An element keeps the limit with which it was made: with another rate, all begin anew.',
		...[...Object.values(BUDGET_SETS), GARDEN_BUDGETS_SET, ...families(INBOUND_BUDGETS_SET)].map(
			(set) => `flush set inet ${TABLE} ${set}`,
		),
		'# An agent that knew nothing of it, or ended before it could, has not taken out what it should: it is filled again by flows.',
		...families(METER_AT_MAP).map((map) => `flush map inet ${TABLE} ${map}`),
	];
	return `${lines.join('\n')}\n`;
}
