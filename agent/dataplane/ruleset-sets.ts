import { NAMED_SETS } from '../core/named-sets.ts';
import { numberBitsOf, STATION_BITS_MAX } from './mark.ts';
import {
	BUDGET_SETS,
	FREE_NAMES_COUNTER,
	GARDEN_BUDGETS_SET,
	INBOUND_ANSWERED_SET,
	INBOUND_BUDGETS_SET,
	METER_AT_MAP,
	queueCounter,
	REFUSED_SET,
	stationSet,
	TABLE,
	UNDECIDED_ALARM,
} from './names.ts';
import type { AddressRanges, RulesetOptions } from './ruleset-options.ts';
import { refusalSets } from './ruleset-refusals.ts';
import { families } from './ruleset-text.ts';

/** Addresses of names: what the venue's own names resolve to in a day. */
const NAMED_ADDRESSES_MAX = 4096;
/** An element that dnsmasq has put in is kept for so long after the last flow to it; dnsmasq itself never takes one out. */
const NAMED_TIMEOUT = '1d';
/** A station has some temporary IPv6 addresses beside its stable ones (RFC 8981). */
const ADDRESSES_PER_STATION = 2;
/** A pool of this size is a network of 16 bits of hosts, a quarter full. */
export const LEASES_MAX = 16_384;
/** A binding outlives a night's pause, and about equals a DHCP lease. */
const BINDING_TIMEOUT = '12h';
/** Own, tethered and zero-rated flows have counters of their own. */
const COUNTED_CLASSES = 3;
/** A station that began no flow for so long has its whole burst of looks again. */
const JUDGING_TIMEOUT = '1m';
/** Longer than the agent takes for a verdict on a busy router; shorter than any system waits before it asks again (RFC 6298, 2.1). */
const WAITING_TIMEOUT = '300ms';
/** Each station may have some hundred flows waiting at once; beyond it the further packets of a flow wait beside its first. */
const WAITING_MAX = 16_384;
/** What the agent has not read by then it need not judge: whoever still wants to go there has sent it again. */
const UNDECIDED_TIMEOUT = '5s';
/** All stations together; each has some dozens at once. Beyond it the others wait until their packets come again. */
const UNDECIDED_MAX = 4096;
/** An address that is refused is kept so that its next flows are refused at once; beyond it they are dropped in silence. */
const DENIED_MAX = 4096;
/** Longer than what a station may hand over takes to be whole again. */
const ASKING_TIMEOUT = '10s';
/** Longer than a budget takes to be whole again: a minute's worth, at the share of the rate that comes steadily, in 7 minutes. */
const BUDGET_TIMEOUT = '8m';
/** Flows that began outside and are answered; beyond it what comes in a further one is bounded as if it were not. */
const ANSWERED_MAX = 65_536;
/** A connection that was silent for so long begins within the bound again. */
const ANSWERED_TIMEOUT = '5m';
/** Longer than an inbound budget takes to be whole again. */
const INBOUND_TIMEOUT = '20s';
/** As long as the walled garden's budget takes to be whole again. */
const GARDEN_TIMEOUT = '1m';
/** Longer than refusals take to be allowed again. */
const REFUSED_TIMEOUT = '10s';

/** The two sets of ranges from the configuration: made if they are not there, and filled anew. */
export function rangeSets(name: string, { ipv4, ipv6 }: AddressRanges): string[] {
	return [
		`add set inet ${TABLE} ${name}4 { type ipv4_addr; flags interval; auto-merge; }`,
		`flush set inet ${TABLE} ${name}4`,
		`add set inet ${TABLE} ${name}6 { type ipv6_addr; flags interval; auto-merge; }`,
		`flush set inet ${TABLE} ${name}6`,
		...ipv4.map((block) => `add element inet ${TABLE} ${name}4 { ${block} }`),
		...ipv6.map((block) => `add element inet ${TABLE} ${name}6 { ${block} }`),
	];
}

/** All other sets and maps: they keep their elements when the rules are renewed. */
export function sets(options: RulesetOptions): string[] {
	const { stationsMax } = options;
	return [
		...stationSets(options),
		...rateMaps(stationsMax),
		...classMaps(stationsMax),
		...counterMaps(stationsMax),
		...nameSets(),
		...addressSets(stationsMax),
		...judgementSets(stationsMax),
		...budgetSets(stationsMax),
		...refusalSets(options),
	];
}

function stationSets({ stationsMax: size, mask }: RulesetOptions): string[] {
	return [
		'\t# the stations whose meter has this bit; a station that is in none gets no mark, so nothing',
		...numberBitsOf(mask).flatMap((_, index) => block('set', stationSet(index), `type ether_addr; size ${size};`)),
		'\t# the stations that have a meter, and those of them that have a right now',
		...block('set', 'attached', `type ether_addr; size ${size};`),
		...block('set', 'entitled', `type ether_addr; size ${size}; flags timeout;`),
	];
}

function rateMaps(size: number): string[] {
	return [
		...map('grant_of', 'quota', size, 'meter → what its account may spend now; depleted: the low-water alarm'),
		...map('reserve_of', 'quota', size, 'meter → what it may spend until the next grant comes; depleted: the end'),
		'\t# meters of time packages; an element expires in the kernel, and the time has ended',
		...block('set', 'timed', `type mark; size ${size}; flags timeout;`),
		...map('slow_up_of', 'limit', size, 'meter → the rate that fair use leaves it after its last byte, for sending'),
		...map('slow_down_of', 'limit', size, 'the same for receiving'),
		...map('slow_class_of', 'classid', size, 'meter → the queue that makes this rate a smooth one, where there is one'),
		'\t# the same for stations whose plan has a speed: looked for last, so that all others pay nothing for it',
		...map('pace_up_of', 'limit', size, 'meter → how fast it may send'),
		...map('pace_down_of', 'limit', size, 'meter → how fast it may receive'),
		...map('pace_class_of', 'classid', size, 'meter → the queue of this speed'),
		...map('paced_grant_of', 'quota', size, 'as grant_of'),
		...map('paced_reserve_of', 'quota', size, 'as reserve_of'),
		'\t# as timed',
		...block('set', 'paced_timed', `type mark; size ${size}; flags timeout;`),
	];
}

function classMaps(size: number): string[] {
	return [
		'\t# the same for a class of flows, own or tethered, that is not to have all that there is: looked for after everything else',
		...map(
			'part_left_of',
			'quota',
			size,
			'meter of a class → how much of its package it may be before it is slowed or blocked',
		),
		...map(
			'part_pace_up_of',
			'limit',
			size,
			'meter of a class → how fast it may send from then on; absent: not at all',
		),
		...map('part_pace_down_of', 'limit', size, 'meter of a class → how fast it may receive'),
		...map('part_class_of', 'classid', size, 'meter of a class → the queue of this rate'),
		...map('part_grant_of', 'quota', size, 'as grant_of'),
		...map('part_reserve_of', 'quota', size, 'as reserve_of'),
		'\t# as timed',
		...block('set', 'part_timed', `type mark; size ${size}; flags timeout;`),
	];
}

function counterMaps(size: number): string[] {
	return [
		...map(
			'up_of',
			'counter',
			size * COUNTED_CLASSES,
			'meter → what it sent; stands after the limits, so it counts what was forwarded',
		),
		...map('down_of', 'counter', size * COUNTED_CLASSES, 'meter → what it received'),
	];
}

function nameSets(): string[] {
	return [
		'\t# addresses of names, filled by dnsmasq (nftset)',
		...Object.values(NAMED_SETS).flatMap((name) => [
			...block('set', `${name}4`, `type ipv4_addr; ${dynamic(NAMED_ADDRESSES_MAX, NAMED_TIMEOUT)}`),
			...block('set', `${name}6`, `type ipv6_addr; ${dynamic(NAMED_ADDRESSES_MAX, NAMED_TIMEOUT)}`),
		]),
	];
}

function addressSets(size: number): string[] {
	const bindings = dynamic(size * ADDRESSES_PER_STATION, BINDING_TIMEOUT);
	return [
		'\t# which address belongs to which attached station; first come, first served (RFC 6620)',
		...block('set', 'bound4', `type ether_addr . ipv4_addr; ${bindings}`),
		...block('set', 'bound6', `type ether_addr . ipv6_addr; ${bindings}`),
		...block('set', 'owned4', `type ipv4_addr; ${bindings}`),
		...block('set', 'owned6', `type ipv6_addr; ${bindings}`),
		'\t# the stations that have any',
		...block('set', 'bound', `type ether_addr; ${dynamic(size, BINDING_TIMEOUT)}`),
		'\t# addresses of entitled stations that the agent is to judge, those that it found not to be theirs, and how many come at once',
		...block('set', 'undecided4', `type ether_addr . ipv4_addr . ifname; ${dynamic(UNDECIDED_MAX, UNDECIDED_TIMEOUT)}`),
		...block('set', 'undecided6', `type ether_addr . ipv6_addr . ifname; ${dynamic(UNDECIDED_MAX, UNDECIDED_TIMEOUT)}`),
		...block('set', 'denied4', `type ether_addr . ipv4_addr; size ${DENIED_MAX}; flags timeout;`),
		...block('set', 'denied6', `type ether_addr . ipv6_addr; size ${DENIED_MAX}; flags timeout;`),
		...block('set', 'asking', `type ether_addr; ${dynamic(size, ASKING_TIMEOUT)}`),
		`\tquota ${UNDECIDED_ALARM} {`,
		'\t\tover 1 bytes',
		'\t}',
		'\t# the stations of which it is known by which device they come, and by which',
		...block('set', 'placed', `type ether_addr; ${dynamic(size, BINDING_TIMEOUT)}`),
		...block('set', 'placed_at', `type ether_addr . ifname; ${dynamic(size, BINDING_TIMEOUT)}`),
		...inboundSets(bindings, dynamic(size * ADDRESSES_PER_STATION, INBOUND_TIMEOUT)),
		'\t# addresses that the DHCP server has leased, and to which station: nobody else may use them',
		...block('set', 'leased4', `type ipv4_addr; size ${LEASES_MAX};`),
		...block('set', 'lease_of', `type ether_addr . ipv4_addr; size ${LEASES_MAX};`),
	];
}

function judgementSets(size: number): string[] {
	return [
		"\t# tethering: the operator's word, the agent's judgement, and how many new flows were looked at",
		...['pinned_own', 'pinned_tethered', 'tethering'].flatMap((name) =>
			block('set', name, `type ether_addr; size ${size};`),
		),
		'\t# flows whose first packet waits for its verdict',
		...(['ipv4_addr', 'ipv6_addr'] as const).flatMap((address, index) =>
			block(
				'set',
				index === 0 ? 'waiting4' : 'waiting6',
				`type ${address} . inet_service . ${address} . inet_service . inet_proto; ${dynamic(WAITING_MAX, WAITING_TIMEOUT)}`,
			),
		),
		...block('set', 'judging', `type ether_addr; ${dynamic(size, JUDGING_TIMEOUT)}`),
		...Object.values(queueCounter).flatMap((name) => [`\tcounter ${name} {`, '\t}']),
	];
}

function budgetSets(size: number): string[] {
	return [
		'\t# who asks our resolver without a right: what is left to them, of questions and (by the mark of the flow) of answers',
		...block('set', BUDGET_SETS.questions, `type ether_addr; ${dynamic(2 ** STATION_BITS_MAX, BUDGET_TIMEOUT)}`),
		...block('set', BUDGET_SETS.answers, `type mark; ${dynamic(2 ** STATION_BITS_MAX, BUDGET_TIMEOUT)}`),
		'\t# meter → what is left of the names that a session has for nothing',
		...block('set', BUDGET_SETS.session, `type mark; ${dynamic(size, BUDGET_TIMEOUT)}`),
		`\tcounter ${FREE_NAMES_COUNTER} {`,
		'\t}',
		'\t# what is left to a station of the walled garden, by the mark of its flows, and of refusals',
		...block('set', GARDEN_BUDGETS_SET, `type mark; ${dynamic(2 ** STATION_BITS_MAX, GARDEN_TIMEOUT)}`),
		...block('set', REFUSED_SET, `type ether_addr; ${dynamic(2 ** STATION_BITS_MAX, REFUSED_TIMEOUT)}`),
	];
}

/** A set that packets fill. */
function dynamic(elements: number, timeout: string): string {
	return `size ${elements}; flags dynamic, timeout; timeout ${timeout};`;
}

function inboundSets(bindings: string, budgets: string): string[] {
	return [
		...(['ipv4_addr', 'ipv6_addr'] as const).flatMap((address, index) => [
			'\t# for flows that begin outside: address → the mark of its meter, and how much of them came before the station answered',
			...block('map', families(METER_AT_MAP)[index] as string, `type ${address} : mark; ${bindings}`),
			...block('set', families(INBOUND_BUDGETS_SET)[index] as string, `type ${address}; ${budgets}`),
		]),
		'\t# those of these flows that the own device of the session has answered',
		...block('set', INBOUND_ANSWERED_SET, `typeof ct id; ${dynamic(ANSWERED_MAX, ANSWERED_TIMEOUT)}`),
	];
}

function map(name: string, object: string, size: number, why: string): string[] {
	return [`\t# ${why}`, ...block('map', name, `type mark : ${object}; size ${size};`)];
}

function block(kind: 'set' | 'map', name: string, inside: string): string[] {
	return [`\t${kind} ${name} {`, `\t\t${inside}`, '\t}'];
}
