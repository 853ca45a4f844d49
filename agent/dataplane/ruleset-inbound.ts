import { numberBitsOf } from './mark.ts';
import { INBOUND_ANSWERED_SET, INBOUND_BUDGETS_SET, METER_AT_MAP, PINNED_SETS, TETHERING_SET } from './names.ts';
import { notOfItsSession } from './ruleset-addresses.ts';
import { limits } from './ruleset-limits.ts';
import { markText } from './ruleset-marks.ts';
import type { RulesetOptions } from './ruleset-options.ts';
import { drop, noteTarget } from './ruleset-refusals.ts';
import { bothFamilies, hex } from './ruleset-text.ts';

/** The rate of what is not answered lets so many seconds of it come at once: some connections of a page that a customer serves. */
const BURST_SECONDS = 10;

/** Where what comes for a station enters {@link inboundChains}: a packet of a flow that began outside. */
export function toInbound({ inbound }: RulesetOptions): string[] {
	return inbound === undefined ? [] : ['\t\tct direction original goto inbound'];
}

/** The same for what a station sends in such a flow. */
export function toAnswer({ inbound }: RulesetOptions): string[] {
	return inbound === undefined ? [] : ['\t\tct direction reply goto inbound_answer'];
}

/** After a new flow of a station has its mark: from now on the address from which it came leads to the station's meter. */
export function toReachable({ inbound }: RulesetOptions): string[] {
	return inbound === undefined ? [] : ['\t\tjump reachable'];
}

/**
 * Flows that begin outside. Their first packet has no hardware address of a station, so its destination says whose it is: each new
 * flow of a station notes its meter for the address that it uses. The map writes the whole conntrack mark, so a flow on which others have set bits
 * is not theirs to take away.
 *
 * That an address was once its customer's does not say who sends from it: each answer is asked for its hardware address, and only one of
 * the session's own device lifts the bound. (conntrack takes a flow for answered by whoever has answered, also by a packet that is dropped here.)
 */
export function inboundChains({ inbound, mask }: RulesetOptions): string[] {
	if (inbound === undefined) return [];
	const { bytesPerSecond: rate } = inbound;
	const { isNone } = markText(mask);
	const others = ~mask >>> 0;
	const number = numberBitsOf(mask).reduce((sum, bit) => (sum | bit) >>> 0, 0);
	const mark = `ct mark and ${hex(mask)}`;
	const tooMuch = `limit rate over ${rate} bytes/second burst ${rate * BURST_SECONDS} bytes`;
	return [
		'\t# Until its own device answers: as much to each address, whoever sends it, and out of the balance of its station.',
		'\tchain inbound {',
		`\t\t${isNone} jump inbound_meter`,
		`\t\t${isNone} goto unopened`,
		`\t\tct id @${INBOUND_ANSWERED_SET} goto inbound_open`,
		...indent(bothFamilies(`update @${INBOUND_BUDGETS_SET}# { IP daddr ${tooMuch} } goto inbound_unanswered`)),
		'\t\tgoto inbound_open',
		'\t}',
		'\tchain inbound_open {',
		...limits('down_of', mark),
		'\t\tgoto ended_down',
		'\t}',
		'\tchain inbound_answer {',
		...notOfItsSession('goto inbound_forged'),
		'\t\t# An error and a reset say that nobody listens.',
		`\t\tmeta l4proto != tcp ct state established update @${INBOUND_ANSWERED_SET} { ct id }`,
		`\t\ttcp flags and rst == 0 ct state established update @${INBOUND_ANSWERED_SET} { ct id }`,
		`\t\ttcp flags and rst != 0 delete @${INBOUND_ANSWERED_SET} { ct id }`,
		...limits('up_of', mark),
		'\t\tgoto ended_up',
		'\t}',
		'\tchain inbound_meter {',
		...(others === 0 ? [] : [`\t\tct mark and ${hex(others)} != 0x00000000 goto inbound_marked`]),
		...indent(bothFamilies(`ct mark set IP daddr map @${METER_AT_MAP}#`)),
		'\t}',
		...(others === 0 ? [] : refused('inbound_marked')),
		...refused('inbound_unanswered'),
		'\tchain inbound_forged {',
		`\t\t${drop('inbound_forged')}`,
		'\t}',
		'\t# Who tethers is not reached: what comes from outside has no signs by which own flows are told from tethered ones.',
		'\tchain reachable {',
		`\t\tether saddr @${PINNED_SETS.tethered} goto unreachable`,
		`\t\tether saddr @${TETHERING_SET} ether saddr != @${PINNED_SETS.own} goto unreachable`,
		`\t\tupdate @${METER_AT_MAP}4 { ip saddr : ct mark and ${hex(number)} }`,
		`\t\tupdate @${METER_AT_MAP}6 { ip6 saddr : ct mark and ${hex(number)} }`,
		'\t}',
		'\tchain unreachable {',
		...indent(bothFamilies(`delete @${METER_AT_MAP}# { IP saddr : ct mark }`)),
		'\t}',
	];
}

function refused(reason: 'inbound_marked' | 'inbound_unanswered'): string[] {
	return [`\tchain ${reason} {`, ...noteTarget(reason), `\t\t${drop(reason)}`, '\t}'];
}

function indent(rules: readonly string[]): string[] {
	return rules.map((rule) => `\t\t${rule}`);
}
