import type { UsageRecord } from '../../protocol/usage.ts';

/** An access point whose clock is further away than this is not believed about when something was. */
const SKEW_MS_MAX = 400 * 24 * 3_600_000;

/** When it counts as used: a clock that nobody set, or that is years away, says nothing. */
export function momentOf({ to, clockSet }: UsageRecord, now: number): number {
	return isBelieved(to, clockSet, now) ? to : now;
}

/** When it began, for rates that ask for the time of day: of a record that says nothing credible, when it came. */
export function beginOf(record: UsageRecord, now: number): number {
	const { from, to, clockSet } = record;
	return from <= to && isBelieved(from, clockSet, now) ? from : momentOf(record, now);
}

function isBelieved(atMs: number, clockSet: boolean, now: number): boolean {
	return clockSet && Math.abs(atMs - now) <= SKEW_MS_MAX;
}
