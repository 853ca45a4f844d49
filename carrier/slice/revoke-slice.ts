import type { Grant } from '../../protocol/grant.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import { addDownMessage } from '../fleet/down-messages.ts';
import type { SlicePolicy } from './slice-policy.ts';
import type { SliceRow } from './slice-row.ts';

/** A slice is called back until its access point answers; an access point that is away for longer answers when it returns. */
const REVOKE_LIFETIME_MS = 7 * 86_400_000;

/** Calls one slice back: its access point stops spending it and says what is left. */
export async function revokeSlice(tx: Queryable, slice: string, now: number): Promise<void> {
	const [row] = await tx.query<SliceRow>('SELECT * FROM slice WHERE slice = $1', [slice]);
	if (row === undefined) throw new CarrierError('not_found', `there is no slice ${slice}`);
	await revokeRows(tx, [row], now);
}

export async function revokeRows(tx: Queryable, rows: readonly SliceRow[], now: number): Promise<void> {
	for (const { account, slice, ap, state } of rows) {
		if (state === 'given') {
			await tx.query("UPDATE slice SET state = 'revoking' WHERE account = $1 AND slice = $2", [account, slice]);
		}
		const body: Grant = { kind: 'revoke', slice };
		await addDownMessage(tx, { ap, id: `revoke-${slice}`, kind: 'grant', body, lifetimeMs: REVOKE_LIFETIME_MS }, now);
	}
}

/** Nothing is left for somebody who asks: the largest slice that others hold and have not used is called back. */
export async function callBackFor(
	tx: Queryable,
	{ payer, account, ap }: { payer: string; account: string; ap: string },
	policy: SlicePolicy,
	now: number,
): Promise<void> {
	const rows = await tx.query<SliceRow>(
		`SELECT * FROM slice WHERE account = $1 AND state = 'given' AND (ap <> $2 OR member <> $3) AND given_at <= $4
		ORDER BY amount - used - returned DESC LIMIT 1`,
		[payer, ap, account, now - policy.revokeAfterMs],
	);
	await revokeRows(tx, rows, now);
}
