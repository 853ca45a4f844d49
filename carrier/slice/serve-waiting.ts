import type { Queryable } from '../database/database.ts';
import { giveSlice } from './give-slice.ts';
import type { SlicePolicy } from './slice-policy.ts';

/** Whoever was refused longer ago has gone, or has asked again. */
const WAIT_MS = 60_000;

/**
 * There is credit again: whoever was refused for want of it gets a slice at once, and need not ask again. Not of the last few packets:
 * they would go from one access point that nobody uses to the next, and be held back by each.
 */
export async function serveWaiting(
	tx: Queryable,
	accounts: readonly string[],
	policy: SlicePolicy,
	now: number,
): Promise<void> {
	const enough = await tx.query<{ account: string }>(
		"SELECT account FROM balance WHERE account = ANY ($1::text[]) AND unit = 'byte' AND book = 'available' AND amount >= $2",
		[accounts, policy.amountMin],
	);
	if (enough.length === 0) return;
	const rows = await tx.query<{ member: string; ap: string; request: string; wants: number; since: number }>(
		'DELETE FROM slice_wait WHERE account = ANY ($1::text[]) RETURNING member, ap, request, wants, since',
		[enough.map(({ account }) => account)],
	);
	for (const { member, ap, request, wants, since } of rows.toSorted((a, b) => a.since - b.since)) {
		if (now - since <= WAIT_MS) await giveSlice(tx, { ap, request, account: member, wants }, policy, now);
	}
}
