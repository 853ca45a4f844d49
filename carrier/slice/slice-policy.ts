import type { SliceSizes } from './share.ts';

/** The offline allowance: how much of a balance may be out of sight, and for how long. */
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
};

export const SLICE_POLICY: SlicePolicy = {
	amountMin: 1 << 20,
	amountMax: 64 << 20,
	validForSeconds: 600,
	deliveryMs: 30_000,
	reportMs: 30_000,
	silent: 'hold',
	revokeAfterMs: 5000,
};
