import { freeBitOf, numberBitsOf, tetheredBitOf } from './mark.ts';
import { GARDEN_BUDGETS_SET, stationSet } from './names.ts';
import { addressChains } from './ruleset-addresses.ts';
import { inboundChains, toAnswer, toInbound, toReachable } from './ruleset-inbound.ts';
import { count, limitChains, limits } from './ruleset-limits.ts';
import { markText } from './ruleset-marks.ts';
import type { RulesetOptions } from './ruleset-options.ts';
import { counted, drop, refusalChains, refuse } from './ruleset-refusals.ts';
import { bothFamilies, deviceSet, hex } from './ruleset-text.ts';

/** The walled garden's rate lets so many seconds of it come at once: a page, with its pictures. */
const GARDEN_BURST_SECONDS = 60;
/**
 * Devices can be invented, and each would have a budget. So all together may have what this many have: once those whose address is leased,
 * and once all others. Of leases there are as many as the pool has addresses.
 */
const GARDEN_STATIONS_MAX = 25;
/** So many seconds of that may come at once. */
const GARDEN_TOTAL_BURST_SECONDS = 8;
/** The burst of a limit has 32 bits (`struct nft_limit`). */
const LIMIT_BURST_MAX = 2 ** 32 - 1;

/** A station's way through the forward hook; the base chain `forwarding` enters it. */
export function forwardChains(options: RulesetOptions): string[] {
	const mark = `ct mark and ${hex(options.mask)}`;
	const free = `ct mark and ${hex(freeBitOf(options.mask))} != 0`;
	const isZeroRated = options.zeroRated !== undefined;
	const station = stationMark(options.mask);
	const marks = markText(options.mask);
	return [
		...limitChains(mark),
		'\tchain from_station {',
		...(options.free.length > 0 ? [`\t\toif ${deviceSet(options.free)} accept`] : []),
		...toAnswer(options),
		...limits('up_of', mark),
		...(isZeroRated ? [`\t\t${free} ${count('up_of', mark)}`] : []),
		`\t\t${marks.is('garden')} goto to_garden`,
		`\t\t${station} != 0 goto ended_up`,
		'\t\t# An error about a flow that has no mark, as one of the router itself: it must not give that flow one.',
		`\t\tmeta l4proto { icmp, icmpv6 } ct state related ${drop('error_unmarked')}`,
		...indent(gardenRules('daddr', 'jump garden')),
		'\t\tgoto unmarked',
		'\t}',
		'\tchain to_station {',
		...(options.metered.length > 0 ? [`\t\tiif ${deviceSet([...options.metered, ...options.free])} accept`] : []),
		...toInbound(options),
		...limits('down_of', mark),
		...(isZeroRated ? [`\t\t${free} ${count('down_of', mark)}`] : []),
		`\t\t${marks.is('garden')} goto from_garden`,
		'\t\tgoto ended_down',
		'\t}',
		'\t# The limits for the first packet, which got its mark after it had passed them.',
		'\tchain limits_up {',
		...limits('up_of', mark),
		'\t}',
		...gardenChains(options),
		...newFlowChains(options, mark, free),
		...inboundChains(options),
		...refusalChains(options),
	];
}

/** What happens to the first packet of a flow, and to no other one. */
function newFlowChains(options: RulesetOptions, mark: string, free: string): string[] {
	const { mask, zeroRated } = options;
	return [
		...addressChains(),
		'\t# It gets the meter of its station, bit by bit, and both directions have it from now on.',
		'\t# (A map would have to write the whole mark; the other bits of it belong to others.)',
		'\tchain own_flow {',
		'\t\tupdate @bound4 { ether saddr . ip saddr } update @owned4 { ip saddr }',
		'\t\tupdate @bound6 { ether saddr . ip6 saddr } update @owned6 { ip6 saddr }',
		'\t\tupdate @bound { ether saddr }',
		'\t\tupdate @placed { ether saddr } update @placed_at { ether saddr . iifname }',
		...numberBitsOf(mask).map(
			(bit, index) => `\t\tether saddr @${stationSet(index)} ct mark set ct mark or ${hex(bit)}`,
		),
		...toReachable(options),
		...(zeroRated === undefined ? [] : zeroRatedRules(mask, mark, free)),
		'\t\tjump limits_up',
		'\t\t# Between two grants: the next try may pass.',
		'\t\tether saddr @entitled goto ended_new',
		`\t\t${refuse('no_credit')}`,
		'\t}',
	];
}

/** The class of a flow is decided with its first packet, and stays. */
function zeroRatedRules(mask: number, mark: string, free: string): string[] {
	// Whoever tethers has the zero-rated service too, and then it is that and nothing else.
	const set = markText(mask).set('zeroRated');
	return [
		'\t\t# Zero-rated by its destination: counted apart, for ever.',
		`\t\t${stationMark(mask)} == 0 ${counted('no_meter')} goto refuse`,
		...indent(bothFamilies(`IP daddr @free# ${set}`)),
		...indent(bothFamilies(`IP daddr @free_names# update @free_names# { IP daddr } ${set}`)),
		`\t\t${free} ${count('up_of', mark)}`,
	];
}

/**
 * The walled garden. Its addresses prove nothing: a far end can use them, and what shares them is open too. So a flow begins with
 * a station, whose last bits its mark keeps, and what all these flows carry both ways comes out of the station's one budget,
 * whatever addresses it uses; and then out of what all stations together may have.
 */
function gardenChains({ mask, gardenBytesPerSecond: rate }: RulesetOptions): string[] {
	const marks = markText(mask);
	const limit = `limit rate ${rate} bytes/second burst ${rate * GARDEN_BURST_SECONDS} bytes`;
	return [
		'\t# Name servers in the garden would be a way out for tunnels: before login there is only our own resolver.',
		'\tchain garden {',
		'\t\tmeta l4proto { tcp, udp } th dport { 53, 853 } return',
		`\t\t${marks.set('garden')}`,
		...indent(marks.addStation),
		'\t\tgoto garden_budget',
		'\t}',
		'\tchain to_garden {',
		...indent(gardenRules('daddr', 'goto garden_budget')),
		'\t\t# It is none any more: the flow begins anew.',
		`\t\t${marks.clear}`,
		'\t\tgoto unmarked',
		'\t}',
		'\tchain from_garden {',
		...indent(gardenRules('saddr', 'goto garden_budget')),
		`\t\t${drop('garden_left')}`,
		'\t}',
		'\tchain garden_budget {',
		`\t\tupdate @${GARDEN_BUDGETS_SET} { ${marks.station} ${limit} } goto garden_total`,
		`\t\tct state untracked ${drop('untracked')}`,
		`\t\t${drop('garden')}`,
		'\t}',
		'\t# What all stations together may have: the one half those with a lease, the other half those without one.',
		'\tchain garden_total {',
		'\t\tip saddr @leased4 goto garden_leased',
		'\t\tip daddr @leased4 goto garden_leased',
		`\t\t${gardenTotal(rate)} accept`,
		`\t\t${drop('garden_total')}`,
		'\t}',
		'\tchain garden_leased {',
		`\t\t${gardenTotal(rate)} accept`,
		`\t\t${drop('garden_total')}`,
		'\t}',
	];
}

function gardenTotal(rateOfOne: number): string {
	const rate = rateOfOne * GARDEN_STATIONS_MAX;
	return `limit rate ${rate} bytes/second burst ${Math.min(rate * GARDEN_TOTAL_BURST_SECONDS, LIMIT_BURST_MAX)} bytes`;
}

/** Both directions look; upwards the address stays in the set for as long as it is used. */
function gardenRules(side: 'daddr' | 'saddr', verdict: string): string[] {
	const begins = 'ct state new IP daddr @garden_names# update @garden_names# { IP daddr }';
	return [
		...bothFamilies(`IP ${side} @garden# ${verdict}`),
		...(side === 'daddr' ? bothFamilies(begins) : []),
		...bothFamilies(`IP ${side} @garden_names# ${verdict}`),
	];
}

/** Without the class of tethered flows, which a flow has before it has a station. */
function stationMark(mask: number): string {
	return `ct mark and ${hex((mask & ~tetheredBitOf(mask)) >>> 0)}`;
}

function indent(rules: readonly string[]): string[] {
	return rules.map((rule) => `\t\t${rule}`);
}
