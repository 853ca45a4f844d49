import type { Queryable } from '../database/database.ts';
import { revokeRows } from '../slice/revoke-slice.ts';
import type { SliceRow } from '../slice/slice-row.ts';
import { setAccountState } from './accounts.ts';

/** Blocks an account, or lets it be. What it has out is called back: it gets nothing new. @throws CarrierError `not_found` */
export async function blockAccount(
	tx: Queryable,
	account: string,
	state: 'active' | 'blocked',
	now: number,
): Promise<void> {
	await setAccountState(tx, account, state);
	if (state === 'active') return;
	const rows = await tx.query<SliceRow>(
		"SELECT * FROM slice WHERE state = 'given' AND (account = $1 OR member = $1) FOR UPDATE",
		[account],
	);
	await revokeRows(tx, rows, now);
}
