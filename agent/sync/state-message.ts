import type { State } from '../../protocol/state.ts';
import type { WallMs } from '../core/units.ts';
import type { OutboxState } from '../ledger/carrier.ts';

export type StateParts = {
	readonly accessPoint: string;
	readonly online: boolean;
	/** Octroi's own version. */
	readonly version: string;
	readonly outbox: OutboxState;
	readonly policyVersion: number;
	readonly sessions: number;
	readonly wallMs: number;
	/** Null while the clock is not known to be set. */
	readonly trustedWallMs: WallMs | null;
};

/** How the access point is, for the carrier: also what the broker says of us when we vanish. */
export function stateMessage({
	accessPoint,
	online,
	version,
	outbox,
	trustedWallMs,
	wallMs,
	...rest
}: StateParts): string {
	const { stream, sealed, acknowledged } = outbox;
	const state: State = {
		version: 1,
		ap: accessPoint,
		online,
		softwareVersion: version,
		stream,
		lastSequence: sealed,
		acknowledged,
		...rest,
		at: Math.max(0, wallMs),
		clockSet: trustedWallMs !== null,
	};
	return JSON.stringify(state);
}
