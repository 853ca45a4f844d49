/** What somebody used, or paid for. */
export type Part = { readonly of: number; readonly amount: number };

/** So much of the use of one session was paid by one source. */
export type Share = { readonly session: number; readonly source: number; readonly amount: number };

/**
 * Says who paid for whose use: both lists are walked in their order. Pure; every unit of a payment goes to exactly one session,
 * and nobody gets more than was used.
 *
 * @param uses per session
 * @param payments per source; together at most what was used
 * @returns the shares, and what of each session's use nobody paid
 */
export function allocate(
	uses: readonly Part[],
	payments: readonly Part[],
): { shares: readonly Share[]; unpaid: readonly Part[] } {
	const shares: Share[] = [];
	const unpaid: Part[] = [];
	let index = 0;
	let left = payments[0]?.amount ?? 0;
	for (const { of: session, amount } of uses) {
		let open = amount;
		while (open > 0 && index < payments.length) {
			const taken = Math.min(open, left);
			if (taken > 0) shares.push({ session, source: (payments[index] as Part).of, amount: taken });
			open -= taken;
			left -= taken;
			if (left === 0) left = payments[++index]?.amount ?? 0;
		}
		if (open > 0) unpaid.push({ of: session, amount: open });
	}
	return { shares, unpaid };
}
