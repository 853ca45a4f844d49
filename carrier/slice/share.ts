/** How large slices are. */
export type SliceSizes = {
	/** Below it, what is left goes out whole: smaller slices cost more messages than they are worth. */
	readonly amountMin: number;
	/** The most that one access point can hold back from all others with one slice. */
	readonly amountMax: number;
};

export type Asking = {
	readonly wants: number;
	/** What nobody has yet. */
	readonly available: number;
	/** Of whoever asks, and of all who share. An account of its own shares with whoever else may ask for it: 1 of 2. */
	readonly weight: number;
	readonly weights: number;
};

/**
 * How much of a balance goes out now. Whoever asks may take its share of what is left, not of what there was: so shares are
 * balanced anew at each request, nobody who comes later finds nothing, and somebody who is alone gets everything in the end.
 */
export function shareOf({ wants, available, weight, weights }: Asking, { amountMin, amountMax }: SliceSizes): number {
	if (available <= amountMin) return Math.max(0, available);
	const share = Number((BigInt(available) * BigInt(weight)) / BigInt(weights));
	return Math.min(available, amountMax, Math.max(amountMin, Math.min(wants, share)));
}
