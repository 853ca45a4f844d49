import { lockAccount } from '../account/accounts.ts';
import { noteCredit } from '../account/credit-state.ts';
import { balancesOf } from '../account/transfers.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import { expirePackages } from '../package/expire-packages.ts';
import { livePackages, takeAvailable } from '../package/packages.ts';
import { noteRestriction } from '../slice/restriction.ts';

/** Entries of one answer: a person looks at these. */
export const REVIEWS_LISTED_MAX = 500;

export type Review = {
	id: number;
	ap: string;
	reason: string;
	account: string;
	slice: string;
	records: number;
	amount: number;
	sample: string;
	firstAt: number;
	lastAt: number;
	settledAt: number | null;
	settledBy: string | null;
	charged: number | null;
};

const COLUMNS = `id, ap, reason, account, slice, records, amount, sample, first_at AS "firstAt", last_at AS "lastAt",
	settled_at AS "settledAt", settled_by AS "settledBy", charged`;

/** Entries from behind `after`, those that wait for a person or those that were settled. */
export async function listReviews(
	tx: Queryable,
	{ after, limit, isSettled }: { after: number; limit: number; isSettled: boolean },
): Promise<Review[]> {
	return await tx.query<Review>(
		`SELECT ${COLUMNS} FROM review WHERE id > $1 AND (settled_at IS NOT NULL) = $2 ORDER BY id LIMIT $3`,
		[after, isSettled, limit],
	);
}

/**
 * A person has looked at an entry. With `charge` so many bytes of the account that it names are charged; never more than is
 * available. Settling again changes nothing.
 *
 * @throws CarrierError `not_found`, `not_allowed` (it names no account that lives here; or it was settled otherwise), `not_enough`
 */
export async function settleReview(
	tx: Queryable,
	{ id, by, charge = 0 }: { id: number; by: string; charge?: number | undefined },
	now: number,
): Promise<'done' | 'exists'> {
	const [row] = await tx.query<Review>(`SELECT ${COLUMNS} FROM review WHERE id = $1 FOR UPDATE`, [id]);
	if (row === undefined) throw new CarrierError('not_found', `there is no entry ${id}`);
	if (row.settledAt !== null) {
		if (row.charged === charge) return 'exists';
		throw new CarrierError('not_allowed', `${id} was settled before, and ${row.charged} bytes were charged`);
	}
	if (charge > 0) await chargeReview(tx, row, charge, now);
	await tx.query('UPDATE review SET settled_at = $2, settled_by = $3, charged = $4 WHERE id = $1', [
		id,
		now,
		by,
		charge,
	]);
	return 'done';
}

async function chargeReview(
	tx: Queryable,
	{ id, ap, account, slice }: Review,
	amount: number,
	now: number,
): Promise<void> {
	const [found] = await tx.query<{ payer: string }>(
		'SELECT coalesce(pool, account) AS payer FROM account WHERE account = $1',
		[account],
	);
	if (found === undefined) throw new CarrierError('not_allowed', `${id} names no account that lives here`);
	const { payer } = found;
	await lockAccount(tx, payer);
	await expirePackages(tx, payer, now);
	const { available } = await balancesOf(tx, payer, 'byte');
	if (available < amount) throw new CarrierError('not_enough', `${payer} has ${available} bytes available`);
	const about = { review: id, ap, slice, member: account };
	const transfer = {
		account: payer,
		id: `review:${id}`,
		to: 'spent',
		amount,
		kind: 'review-charged',
		about,
		at: now,
	} as const;
	await takeAvailable(tx, transfer, await livePackages(tx, payer));
	await noteCredit(tx, [payer], now);
	await noteRestriction(tx, [payer], now);
}
