import type { Queryable } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';

/**
 * Says who ran out of credit, and who has some again: neither available nor out on an access point. Told once for each change,
 * in the transaction that made it.
 */
export async function noteCredit(tx: Queryable, accounts: readonly string[], now: number): Promise<void> {
	if (accounts.length === 0) return;
	const changed = await tx.query<{ account: string; credit_out: boolean; credit_changes: number }>(
		`UPDATE account SET credit_out = seen.is_out, credit_changes = account.credit_changes + 1
		FROM (
			SELECT a.account, coalesce(sum(b.amount) FILTER (WHERE b.book IN ('available', 'slices')), 0) = 0 AS is_out
			FROM account a LEFT JOIN balance b ON b.account = a.account
			WHERE a.account = ANY ($1::text[]) GROUP BY a.account
		) AS seen
		WHERE account.account = seen.account AND account.credit_out <> seen.is_out
		RETURNING account.account, account.credit_out, account.credit_changes`,
		[accounts],
	);
	// A new account is out of credit, and nobody was told: its first credit restores nothing.
	const told = changed.filter(({ credit_out, credit_changes }) => credit_out || credit_changes > 1);
	const events = told.map(({ account, credit_out, credit_changes }) => ({
		ap: '',
		id: `credit:${account}:${credit_changes}`,
		kind: credit_out ? 'credit.out' : 'credit.restored',
		account,
		at: now,
		details: {},
	}));
	await addEvents(tx, events, now);
}
