import { noteCredit } from '../account/credit-state.ts';
import { addTransfers } from '../account/transfers.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';
import { nameOf, platformEventId } from '../fleet/message-name.ts';
import { movePackages, packageRow } from '../package/packages.ts';
import { noteRestriction } from './restriction.ts';
import { revokeRows } from './revoke-slice.ts';
import { serveWaiting } from './serve-waiting.ts';
import { type SlicePolicy, slicePolicyOf } from './slice-policy.ts';
import { outstandingOf, type SliceRow } from './slice-row.ts';

/** Slices that one sweep looks at: the sweep after it takes the next. */
const SWEEP_ROWS_MAX = 500;

/**
 * The access point says what it did not use. What it did use is reported before, or on its way: both orders end the same. Answers whether
 * the slice is that access point's.
 */
export async function returnSlice(
	tx: Queryable,
	given: { ap: string; slice: string; returned: number },
	policy: SlicePolicy,
	now: number,
): Promise<boolean> {
	const { ap, slice, returned } = given;
	const [row] = await tx.query<SliceRow>('SELECT * FROM slice WHERE slice = $1 AND ap = $2 FOR UPDATE', [slice, ap]);
	if (row === undefined) return false;
	const amount = Math.min(returned, outstandingOf(row));
	if (outstandingOf(row) > 0) await putBack(tx, row, { amount, kind: 'slice-returned', state: row.state }, policy, now);
	return true;
}

/** The access point never had it: it refused it, or does not know it. All of it is free again. */
export async function unarrivedSlice(
	tx: Queryable,
	given: { ap: string; slice: string },
	policy: SlicePolicy,
	now: number,
): Promise<void> {
	const { ap, slice } = given;
	const [row] = await tx.query<SliceRow>('SELECT * FROM slice WHERE slice = $1 AND ap = $2 FOR UPDATE', [slice, ap]);
	if (row === undefined || row.used > 0 || outstandingOf(row) === 0) return;
	await putBack(tx, row, { amount: outstandingOf(row), kind: 'slice-not-arrived', state: 'released' }, policy, now);
}

/** The access point has it: from now on we know when it ends. */
export async function arrivedSlice(
	tx: Queryable,
	given: { ap: string; slice: string },
	policy: SlicePolicy,
	now: number,
): Promise<void> {
	await tx.query(
		`UPDATE slice SET expires_at = least(expires_at, $3 + 1000 * coalesce(valid_for_seconds, $4))
		WHERE slice = $1 AND ap = $2 AND state IN ('given', 'revoking')`,
		[given.slice, given.ap, now + policy.reportMs, policy.validForSeconds],
	);
}

/** A person decides that nobody will ever say what was used of it. @throws CarrierError `not_found`, `not_allowed` */
export async function releaseSlice(tx: Queryable, slice: string, policy: SlicePolicy, now: number): Promise<void> {
	const [row] = await tx.query<SliceRow>('SELECT * FROM slice WHERE slice = $1 FOR UPDATE', [slice]);
	if (row === undefined) throw new CarrierError('not_found', `there is no slice ${slice}`);
	if (row.expires_at > now) throw new CarrierError('not_allowed', `${slice} is still valid`, { fix: 'revoke it' });
	if (outstandingOf(row) > 0) {
		await putBack(tx, row, { amount: outstandingOf(row), kind: 'slice-released', state: 'released' }, policy, now);
	}
}

/** Slices that have ended, and whose access points have said nothing. Answers how many. */
export async function expireSlices(tx: Queryable, policy: SlicePolicy, now: number): Promise<number> {
	const rows = await tx.query<SliceRow>(
		`SELECT * FROM slice WHERE state IN ('given', 'revoking') AND expires_at <= $1
		ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
		[now, SWEEP_ROWS_MAX],
	);
	for (const row of rows) {
		const { silent } = await slicePolicyOf(tx, row.ap, policy);
		if (silent === 'release') {
			await putBack(tx, row, { amount: outstandingOf(row), kind: 'slice-released', state: 'released' }, policy, now);
		} else {
			await tx.query("UPDATE slice SET state = 'silent' WHERE account = $1 AND slice = $2", [row.account, row.slice]);
			await revokeRows(tx, [{ ...row, state: 'silent' }], now);
		}
		const details = { slice: row.slice, outstanding: outstandingOf(row), became: silent };
		const id = platformEventId('silent', row.slice);
		await addEvents(tx, [{ ap: row.ap, id, kind: 'slice.silent', account: row.account, at: now, details }], now);
	}
	return rows.length;
}

async function putBack(
	tx: Queryable,
	row: SliceRow,
	{ amount, kind, state }: { amount: number; kind: string; state: SliceRow['state'] },
	policy: SlicePolicy,
	now: number,
): Promise<void> {
	const { account, slice, unit, ap, member } = row;
	if (amount > 0) {
		const source = row.package === null ? undefined : await packageRow(tx, account, row.package);
		const about = { slice, ap, member, ...(source === undefined ? {} : { package: source.package }) };
		const id = nameOf('b', [slice, kind, row.returned, row.used]);
		// What it was cut from has ended: nobody can spend it any more.
		const to = source?.expires_at != null && source.expires_at <= now ? 'lapsed' : 'available';
		await addTransfers(tx, [{ account, id, unit, from: 'slices', to, amount, kind, about, at: now }]);
		if (source !== undefined && to === 'available') await movePackages(tx, account, [{ id: source.package, amount }]);
	}
	const isClosed = row.used + row.returned + amount === row.amount && state !== 'released';
	await tx.query(
		'UPDATE slice SET returned = returned + $3, released = released + $4, state = $5 WHERE account = $1 AND slice = $2',
		[account, slice, amount, kind === 'slice-released' ? amount : 0, isClosed ? 'closed' : state],
	);
	await noteCredit(tx, [account], now);
	await noteRestriction(tx, [account], now);
	await serveWaiting(tx, [account], policy, now);
}
