import type { Policy } from '../../protocol/policy.ts';
import { ALL } from '../../protocol/topics.ts';
import type { Queryable } from '../database/database.ts';
import type { SliceSizes } from './share.ts';

/** How balances are shared over access points, as configured; a policy may have its own offline allowance. */
export type SlicePolicy = SliceSizes & {
	/** From its arrival at the access point, on that one's boot clock. Credit that is not used is held back no longer. */
	readonly validForSeconds: number;
	/** How long a slice may be on its way; part of the time after which the platform takes it for expired. */
	readonly deliveryMs: number;
	/** From the end of a slice until the platform takes its access point for silent: it reports first. */
	readonly reportMs: number;
	/**
	 * What becomes of a slice whose access point has not been heard of when it ends. `hold`: nobody gets it until the access point
	 * is back and says what it used; Σ delivered never exceeds the balance. `release`: the account has it back at once; what the
	 * access point did deliver is charged when it returns, from what is left then, and the rest is the house's.
	 */
	readonly silent: 'hold' | 'release';
	/** A slice younger than this is not called back for somebody else: it would go to and fro. */
	readonly revokeAfterMs: number;
	/** `bound`: only where the account is bound, or with a proof of the customer. `any`: wherever an access point asks. */
	readonly admission: 'bound' | 'any';
	/** For how long a proof of the customer binds the account to the access point. */
	readonly provenForSeconds: number;
	/**
	 * What one access point may hold of one account, in largest slices: one that is spent, the next one, and one on its way back. It bounds
	 * what one that lies takes from a guest at once.
	 */
	readonly heldSlicesMax: number;
	/** What one access point may hold of all accounts together, in bytes. */
	readonly heldBytesMax: number;
};

export const SLICE_POLICY: SlicePolicy = {
	amountMin: 1 << 20,
	amountMax: 64 << 20,
	validForSeconds: 600,
	deliveryMs: 30_000,
	reportMs: 30_000,
	silent: 'hold',
	revokeAfterMs: 5000,
	admission: 'bound',
	provenForSeconds: 7 * 86_400,
	heldSlicesMax: 3,
	// A largest slice for each of 1,000 guests.
	heldBytesMax: 1000 * (64 << 20),
};

/** For one access point: what the policy says that it follows (its own, or else the one for all), and else what is configured. */
export async function slicePolicyOf(tx: Queryable, ap: string, configured: SlicePolicy): Promise<SlicePolicy> {
	const rows = await tx.query<{ audience: string; offline: Policy['offline'] | null }>(
		`(SELECT audience, body->'offline' AS offline FROM policy WHERE audience = $1 ORDER BY version DESC LIMIT 1)
		UNION ALL (SELECT audience, body->'offline' FROM policy WHERE audience = $2 ORDER BY version DESC LIMIT 1)`,
		[ap, ALL],
	);
	const followed = rows.find(({ audience }) => audience === ap) ?? rows[0];
	const { sliceBytesMax = configured.amountMax, validForSeconds, silent } = followed?.offline ?? {};
	return {
		...configured,
		amountMin: Math.min(configured.amountMin, sliceBytesMax),
		amountMax: sliceBytesMax,
		validForSeconds: validForSeconds ?? configured.validForSeconds,
		silent: silent ?? configured.silent,
	};
}
