import type { AccountId, MeterId, Unit } from '../core/units.ts';
import type { Epoch, Moment } from './moment.ts';

/** Who bears what cannot be known: `customer` is favoured (the grant is released whole), or `venue` (it is posted whole). */
export type LossDirection = 'customer' | 'venue';

export type ResolveLostRequest = { readonly epoch: Epoch; readonly direction: LossDirection; readonly at: Moment };

export type ResolveLostAccountRequest = ResolveLostRequest & {
	readonly account: AccountId;
	/** Whose counters vanished: their sessions are closed as `lost`. Default: all meters of the account in that epoch. */
	readonly meters?: readonly MeterId[];
};

/** One grant that was resolved without its counter: for the log. */
export type LostGrant = {
	readonly account: AccountId;
	readonly grant: string;
	readonly package: string;
	readonly unit: Unit;
	readonly amount: number;
	readonly direction: LossDirection;
};

/** What was granted of one unit. */
export function sumOf(grants: readonly LostGrant[], unit: Unit): number {
	return grants.reduce((total, grant) => total + (grant.unit === unit ? grant.amount : 0), 0);
}
