import type { Queryable } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';
import type { PlacedRecord } from './store-records.ts';

/** Usage of an account that the platform does not have is kept and counted; each such account is reported once an access point. */
export async function noteUnknown(tx: Queryable, placed: readonly PlacedRecord[], now: number): Promise<number> {
	const names = [
		...new Map(placed.map(({ ap, record: { account } }) => [`${ap}/${account}`, { ap, account }])).values(),
	];
	if (names.length === 0) return 0;
	const found = await tx.query<{ ap: string; account: string }>(
		`INSERT INTO unknown_account (ap, account, found_at)
		SELECT u.ap, u.account, $3::bigint FROM unnest($1::text[], $2::text[]) AS u(ap, account)
		WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.account = u.account)
		ORDER BY u.ap, u.account ON CONFLICT (ap, account) DO NOTHING RETURNING ap, account`,
		[names.map(({ ap }) => ap), names.map(({ account }) => account), now],
	);
	const events = found.map(({ ap, account }) => ({
		ap,
		id: `unknown:${account}`,
		kind: 'account.unknown',
		account,
		at: now,
		details: {},
	}));
	await addEvents(tx, events, now);
	return found.length;
}
