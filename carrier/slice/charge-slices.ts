import { addTransfers, balancesOf, type Transfer } from '../account/transfers.ts';
import type { Queryable } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';
import { nameOf, platformEventId } from '../fleet/message-name.ts';
import { expirePackages } from '../package/expire-packages.ts';
import { livePackages, takeAvailable } from '../package/packages.ts';
import { outstandingOf, type SliceRow } from './slice-row.ts';

/** What was used of one slice, by records that count for the first time: never more than its `allowanceOf`. */
export type SliceUse = {
	readonly slice: SliceRow;
	readonly amount: number;
	/** Of the first record that says so: the transfer's name follows from it. */
	readonly record: string;
};

/**
 * Charges what was used of slices, which the caller has locked. What comes after a slice was released is charged from what is available;
 * what is not there any more is the house's, and a transfer says so. Answers the accounts that paid.
 */
export async function chargeSlices(tx: Queryable, uses: readonly SliceUse[], now: number): Promise<string[]> {
	if (uses.length === 0) return [];
	const transfers: Transfer[] = [];
	const late: { use: SliceUse; amount: number }[] = [];
	for (const use of uses) {
		const covered = Math.min(use.amount, outstandingOf(use.slice));
		if (covered > 0) {
			transfers.push(transferOf(use, { from: 'slices', amount: covered, kind: 'slice-used' }, now));
			await noteUse(tx, use.slice, covered);
		}
		if (use.amount > covered) late.push({ use, amount: use.amount - covered });
	}
	await addTransfers(tx, transfers);
	for (const { use, amount } of late) await chargeLate(tx, use, amount, now);
	return [...new Set(uses.map(({ slice }) => slice.account))];
}

async function noteUse(tx: Queryable, row: SliceRow, covered: number): Promise<void> {
	row.used += covered;
	await tx.query(
		`UPDATE slice SET used = used + $3, state = CASE WHEN used + $3 + returned = amount THEN 'closed' ELSE state END
		WHERE account = $1 AND slice = $2`,
		[row.account, row.slice, covered],
	);
	if (row.member === row.account) return;
	await tx.query('UPDATE member SET used = used + $3 WHERE account = $1 AND member = $2', [
		row.account,
		row.member,
		covered,
	]);
}

/** Used of a slice that was released: never free for whoever used it as long as there is something left. */
async function chargeLate(tx: Queryable, use: SliceUse, amount: number, now: number): Promise<void> {
	const { account: payer, slice, ap } = use.slice;
	await tx.query('UPDATE slice SET late = late + $3 WHERE account = $1 AND slice = $2', [payer, slice, amount]);
	await tx.query('SELECT 1 FROM account WHERE account = $1 FOR UPDATE', [payer]);
	await expirePackages(tx, payer, now);
	const { available } = await balancesOf(tx, payer, 'byte');
	const own = Math.min(amount, available);
	const house = amount - own;
	if (own > 0) {
		const late = transferOf(use, { from: 'available', amount: own, kind: 'late-use' }, now);
		await takeAvailable(tx, late, await livePackages(tx, payer));
	}
	if (house > 0) await addTransfers(tx, [transferOf(use, { from: 'issued', amount: house, kind: 'house-pays' }, now)]);
	const details = { slice, charged: own, house };
	const id = platformEventId('late', nameOf('l', [slice, ap, use.record]));
	await addEvents(tx, [{ ap, id, kind: 'slice.late', account: payer, at: now, details }], now);
}

function transferOf(
	{ slice: { slice, ap, account, member }, record }: SliceUse,
	{ from, amount, kind }: Pick<Transfer, 'from' | 'amount' | 'kind'>,
	at: number,
): Transfer {
	const id = nameOf('u', [kind, slice, ap, record]);
	return { account, id, unit: 'byte', from, to: 'spent', amount, kind, about: { slice, ap, member }, at };
}
