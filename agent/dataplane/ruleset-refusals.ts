import { numberBitsOf, tetheredBitOf } from './mark.ts';
import { REFUSED_SET, stationSet } from './names.ts';
import {
	PORTAL_COUNTERS,
	RECENT_REFUSALS,
	RECENT_TARGET_REFUSALS,
	RECENT_TIMEOUT,
	REFUSAL_NAMES,
	type RecentRefusal,
	type RecentTargetRefusal,
	type Refusal,
	recentSet,
	recentTargetSet,
	refusalCounter,
} from './refusal-reasons.ts';
import { STATION_ADDRESS } from './ruleset-marks.ts';
import type { RulesetOptions } from './ruleset-options.ts';
import { bothFamilies, hex } from './ruleset-text.ts';

/** Refusals of one station. A page or a program begins some dozens of connections at once, and tries again. */
const REFUSALS_OF_ONE = { perSecond: 20, burst: 100 };

/** A drop with its counter. No rule drops without one. */
export function drop(reason: Refusal): string {
	return `${counted(reason)} drop`;
}

/** The counter of a reason, before whatever verdict follows. */
export function counted(reason: Refusal): string {
	return `counter name ${refusalCounter(reason)}`;
}

/** The verdict that refuses with a reset or an error, for a reason that has a chain of its own. */
export function refuse(reason: RecentRefusal): string {
	return `goto refuse_${reason}`;
}

/** The counters of refusals, and the sets of who was refused. */
export function refusalSets({ stationsMax: size }: RulesetOptions): string[] {
	const recent = `size ${size}; flags dynamic, timeout; timeout ${RECENT_TIMEOUT};`;
	const names = [...REFUSAL_NAMES.map(refusalCounter), ...Object.values(PORTAL_COUNTERS)];
	return [
		'\t# why packets are refused; those that pass touch none of these',
		...names.flatMap((name) => [`\tcounter ${name} {`, '\t}']),
		'\t# which stations with a session were refused, and which of their addresses could not be reached from outside',
		...RECENT_REFUSALS.flatMap((reason) => [`\tset ${recentSet(reason)} {`, `\t\ttype ether_addr; ${recent}`, '\t}']),
		...RECENT_TARGET_REFUSALS.flatMap((reason) =>
			([4, 6] as const).flatMap((family) => [
				`\tset ${recentTargetSet(reason, family)} {`,
				`\t\ttype ipv${family}_addr; ${recent}`,
				'\t}',
			]),
		),
	];
}

/** The chains in which refused packets end. */
export function refusalChains(options: RulesetOptions): string[] {
	return [
		...endedChains(options),
		...downChains(options),
		'\t# Refused for a reason of the station: noted, and answered.',
		...(['address_device', 'address_leased', 'no_credit'] as const).flatMap((reason) => [
			`\tchain refuse_${reason} {`,
			`\t\t${note(reason)}`,
			`\t\t${counted(reason)} goto refuse`,
			'\t}',
		]),
		'\tchain refuse_address_unbound {',
		`\t\tether saddr != @attached ${counted('no_session')} goto refuse`,
		`\t\t${note('address_unbound')}`,
		`\t\t${counted('address_unbound')} goto refuse`,
		'\t}',
		'\t# At once, so that programs need not wait for a time-out; to each station so many, for the kernel has a limit for all.',
		'\tchain refuse {',
		`\t\tupdate @${REFUSED_SET} { ${STATION_ADDRESS} limit rate over ${REFUSALS_OF_ONE.perSecond}/second burst ${REFUSALS_OF_ONE.burst} packets } ${drop('flood')}`,
		`\t\tmeta l4proto tcp ${counted('told')} reject with tcp reset`,
		`\t\tmeta l4proto udp ${counted('told')} reject with icmpx port-unreachable`,
		`\t\t${drop('untold')}`,
		'\t}',
	];
}

/** What a station sends, and no limit lets pass. */
function endedChains({ mask }: RulesetOptions): string[] {
	const mark = `ct mark and ${hex(mask)}`;
	const isTethered = `ct mark and ${hex(tetheredBitOf(mask))} != 0`;
	return [
		'\t# The limits of its meter are at their end. Silently: after a top-up the same flow goes on.',
		'\tchain ended_up {',
		`\t\tmeta priority set ${mark} map @slow_class_of ${drop('fair_use')}`,
		'\t\tether saddr @entitled goto ended_entitled',
		'\t\tgoto spent_up',
		'\t}',
		'\t# The first packet of a flow. What is of no flow has no mark, and gets none.',
		'\tchain ended_new {',
		'\t\tct state untracked goto untracked_up',
		`\t\tct state invalid ${drop('invalid')}`,
		'\t\tgoto ended_entitled',
		'\t}',
		"\t# Its station has a right. So the mark is not its station's, or nothing is granted to its class of flows: for good, or just now.",
		'\tchain ended_entitled {',
		...numberBitsOf(mask).flatMap((bit, index) => [
			`\t\tether saddr @${stationSet(index)} ct mark and ${hex(bit)} == 0 goto marked_up`,
			`\t\tether saddr != @${stationSet(index)} ct mark and ${hex(bit)} != 0 goto marked_up`,
		]),
		`\t\t${isTethered} goto class_up`,
		`\t\t${note('between')}`,
		`\t\t${drop('between')}`,
		'\t}',
		...noted('marked_up', 'mark'),
		...noted('class_up', 'class'),
		...noted('untracked_up', 'untracked'),
		'\tchain spent_up {',
		`\t\tether saddr @entitled ${drop('between')}`,
		`\t\t${note('no_credit')}`,
		`\t\t${drop('no_credit')}`,
		'\t}',
	];
}

/** What a station should receive, and no limit lets pass. */
function downChains({ mask }: RulesetOptions): string[] {
	const mark = `ct mark and ${hex(mask)}`;
	return [
		'\tchain ended_down {',
		`\t\tct state untracked ${drop('untracked')}`,
		`\t\tct state invalid ${drop('invalid')}`,
		`\t\t${mark} == 0 goto unopened`,
		`\t\tmeta priority set ${mark} map @slow_class_of ${drop('fair_use')}`,
		'\t\tgoto spent_down',
		'\t}',
		'\tchain spent_down {',
		`\t\t${drop('spent_down')}`,
		'\t}',
		'\t# No station has begun this flow, so nobody has agreed to pay for it.',
		'\tchain unopened {',
		`\t\tct direction reply ${drop('reply_unmarked')}`,
		'\t\tct status dnat goto forwarded_port',
		...noteTarget('inbound'),
		`\t\t${drop('inbound')}`,
		'\t}',
		'\tchain forwarded_port {',
		...noteTarget('port_forward'),
		`\t\t${drop('port_forward')}`,
		'\t}',
	];
}

/** A rule that notes the station. Only of stations with a session, so nobody else can fill the set. */
export function note(reason: RecentRefusal): string {
	return `ether saddr @attached update @${recentSet(reason)} { ether saddr }`;
}

/** Rules that note the address that was not reached. Only of those that are bound to a session. */
export function noteTarget(reason: RecentTargetRefusal): string[] {
	return bothFamilies(`\t\tIP daddr @owned# update @recent_${reason}# { IP daddr }`);
}

function noted(chain: string, reason: RecentRefusal): string[] {
	return [`\tchain ${chain} {`, `\t\t${note(reason)}`, `\t\t${drop(reason)}`, '\t}'];
}
