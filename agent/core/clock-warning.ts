import type { TrustedClock } from './trusted-clock.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What the operator should know of the clock, and what to do; undefined when the date is known and has not jumped. */
export function clockWarning(trusted: TrustedClock): string | undefined {
	if (trusted.wallMs() === null) {
		return 'the date is not known: what is sold counts while the router runs, and nothing is lost; let a time server (NTP) set the clock';
	}
	const { jumpMs } = trusted;
	if (jumpMs === 0) return undefined;
	const way = `the wall clock jumped ${jumpMs > 0 ? 'forward' : 'back'} by ${lengthText(Math.abs(jumpMs))}`;
	return trusted.isJumpVouchedFor
		? `${way}: it is followed when the time server has confirmed it for 10 minutes`
		: `${way}, and no time server confirms it: validities go on without it; set the right date, or let NTP do it`;
}

function lengthText(milliseconds: number): string {
	return milliseconds >= 2 * DAY_MS
		? `${Math.round(milliseconds / DAY_MS)} days`
		: `${Math.round(milliseconds / HOUR_MS)} h`;
}
