import type { OutboxState } from '../ledger/carrier.ts';
import type { Link } from './link.ts';
import { causeText } from './link-fault.ts';
import { countsOf, type Tallies } from './tallies.ts';

export type LineFigureParts = {
	readonly accessPoint: string;
	readonly outbox: OutboxState;
	readonly link: Link['figures'];
	readonly reporter: { readonly lastAcknowledgedAtMs: number | undefined; readonly resent: number };
	/** The broker's answer to our usage, if it does not take it. */
	readonly usageRefused: string | undefined;
	readonly tallies: Tallies;
	readonly unwritten: number;
	readonly policyVersion: number;
	readonly keys: readonly string[];
	/** The boot clock: when the line was lost, and now. */
	readonly lostAtMs: number;
	readonly nowMs: number;
};

/** What people and metrics see of the line. */
export function lineFigures({ accessPoint, outbox, link, reporter, lostAtMs, nowMs, ...parts }: LineFigureParts) {
	const { stream, sealed, acknowledged, sessions, events, eventsDropped } = outbox;
	const { url, connected, cause, attempts, certificateEndMs } = link;
	const { lastAcknowledgedAtMs, resent } = reporter;
	const secondsSince = (atMs: number) => Math.max(0, Math.floor((nowMs - atMs) / 1000));
	return {
		url,
		accessPoint,
		connected,
		attempts,
		stream,
		sealed,
		acknowledged,
		resent,
		eventsDropped,
		unwritten: parts.unwritten,
		...(cause === undefined ? {} : { fault: causeText(cause) }),
		...(parts.usageRefused === undefined ? {} : { usageRefused: parts.usageRefused }),
		offlineSeconds: connected ? 0 : secondsSince(lostAtMs),
		backlog: { batches: sealed - acknowledged, sessions, events },
		policyVersion: parts.policyVersion,
		keys: parts.keys,
		...countsOf(parts.tallies),
		...(lastAcknowledgedAtMs === undefined ? {} : { acknowledgedSecondsAgo: secondsSince(lastAcknowledgedAtMs) }),
		...(certificateEndMs === undefined ? {} : { certificateEndMs }),
	};
}
