import { numberBitsOf } from './mark.ts';
import { BUDGET_SETS, FREE_NAMES_COUNTER, stationSet } from './names.ts';
import { notOfItsSession } from './ruleset-addresses.ts';
import { limits } from './ruleset-limits.ts';
import { markText } from './ruleset-marks.ts';
import type { RulesetOptions } from './ruleset-options.ts';
import { drop } from './ruleset-refusals.ts';
import { hex } from './ruleset-text.ts';

/** Where the router answers names: plain, and by TLS (RFC 7858). */
export const NAME_PORTS = '{ 53, 853 }';
/** A rate of names holds over any time of so many seconds, whatever of it comes at once. */
const WINDOW_SECONDS = 60;
/** Of the rate before login, what comes steadily. The rest may come at once: the names that a telephone asks for when it joins. */
const STEADY_SHARE = 0.15;
/**
 * The same for a session: 84 kB at once at 2,000 bytes a second, so a page with 100 names, each asked for as A, AAAA and HTTPS (about
 * 200 bytes with the answer); then three look-ups a second.
 */
const SESSION_STEADY_SHARE = 0.3;

/** So many bytes in any minute, most of them at once. The kernel's bucket holds a second's worth beside its burst. */
export function nameLimit(bytesPerSecond: number, steadyShare = STEADY_SHARE): string {
	const steady = Math.max(1, Math.floor(bytesPerSecond * steadyShare));
	const burst = Math.floor(bytesPerSecond * WINDOW_SECONDS) - steady * (WINDOW_SECONDS + 1);
	return `limit rate ${steady} bytes/second burst ${burst} bytes`;
}

/**
 * Names of a session: from an address that belongs to it, as in the forward hook. The flow gets the meter of its station, so that the
 * answers on their way out are known to be its own. Questions and answers have one budget for nothing; what exceeds it is counted and
 * limited by the maps that forwarded packets are, so it is charged to the byte. Who has nothing left to spend is not entitled, and asks
 * as before login.
 */
export function sessionNameChains({ mask, sessionDnsBytesPerSecond: rate }: RulesetOptions): string[] {
	const mark = `ct mark and ${hex(mask)}`;
	const marks = markText(mask);
	// An empty budget: everything is charged.
	const budget =
		rate === 0
			? []
			: [
					`\t\tupdate @${BUDGET_SETS.session} { ${mark} ${nameLimit(rate, SESSION_STEADY_SHARE)} } counter name ${FREE_NAMES_COUNTER} accept`,
				];
	return [
		'\tchain names {',
		'\t\tether saddr != @entitled goto question',
		'\t\tjump claim',
		...notOfItsSession('goto question'),
		'\t\tgoto session_question',
		'\t}',
		'\tchain session_question {',
		'\t\t# Of no flow, so of no meter: acknowledgements of a connection that has ended.',
		`\t\tct state invalid ${drop('invalid')}`,
		'\t\t# Who asked before login from the same port is not held to that any more.',
		`\t\t${marks.is('question')} ${marks.clear}`,
		`\t\t${marks.isNone} jump session_mark`,
		...budget,
		...limits('up_of', mark),
		'\t\t# Between two grants, or while its meter changes: the next try may pass, with a mark that is made anew.',
		`\t\t${marks.clear}`,
		`\t\t${drop('names_spent')}`,
		'\t}',
		'\tchain session_mark {',
		...numberBitsOf(mask).map(
			(bit, index) => `\t\tether saddr @${stationSet(index)} ct mark set ct mark or ${hex(bit)}`,
		),
		'\t}',
		'\tchain session_answer {',
		...budget,
		...limits('down_of', mark),
		`\t\t${drop('names_spent')}`,
		'\t}',
	];
}
