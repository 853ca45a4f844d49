import { causeText, type LinkCause } from './link-fault.ts';

/** A broker that restarts is no news for an operator. */
export const WARN_AFTER_MS = 60_000;

export type LineState = {
	/** How long the ledger could not be written; undefined: it can. */
	readonly unwrittenSeconds: number | undefined;
	readonly offlineMs: number;
	readonly cause: LinkCause | undefined;
	/** What the broker says of our usage while it does not take it. */
	readonly usageRefused: string | undefined;
	/** What is wrong with our certificate. */
	readonly certificate: string | undefined;
};

/** What the operator should know of the line, the worst alone; undefined: nothing. */
export function lineWarning({
	unwrittenSeconds,
	offlineMs,
	cause,
	usageRefused,
	certificate,
}: LineState): string | undefined {
	if (unwrittenSeconds !== undefined)
		return `nothing can be reported to the carrier for ${unwrittenSeconds} s: the ledger cannot be written`;
	if (offlineMs >= WARN_AFTER_MS) {
		const since = `for ${Math.floor(offlineMs / 60_000)} min`;
		return `the carrier has not been reached ${since}: ${causeText(cause ?? { fault: 'network' })}`;
	}
	return usageRefused === undefined ? certificate : `the broker does not take our usage: ${usageRefused}`;
}
