import { addTransfers, balancesOf, type Transfer } from '../account/transfers.ts';
import type { Queryable } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';
import { nameOf } from '../fleet/message-name.ts';
import { expirePackages } from '../package/expire-packages.ts';
import { livePackages, takeAvailable } from '../package/packages.ts';
import { outstandingOf, type SliceRow } from './slice-row.ts';

/** What was used of one slice, by records that count for the first time. */
export type SliceUse = {
	readonly slice: string;
	readonly ap: string;
	/** Whoever used it, as the record says. */
	readonly account: string;
	readonly amount: number;
	/** Of the first batch that says so: the transfer's name follows from it. */
	readonly stream: string;
	readonly sequence: number;
};

/**
 * Charges what was used of slices. What goes beyond a slice, or comes after it was released, is charged from what is available;
 * what is not there any more is the house's, and a transfer says so. Answers the accounts that paid.
 */
export async function chargeSlices(tx: Queryable, uses: readonly SliceUse[], now: number): Promise<string[]> {
	if (uses.length === 0) return [];
	const rows = await tx.query<SliceRow>(
		'SELECT * FROM slice WHERE slice = ANY ($1::text[]) ORDER BY account, slice FOR UPDATE',
		[uses.map(({ slice }) => slice)],
	);
	const bySlice = new Map(rows.map((row) => [row.slice, row]));
	const payers = new Map<string, string>();
	const transfers: Transfer[] = [];
	const late: { use: SliceUse; payer: string; amount: number }[] = [];
	for (const use of uses) {
		const row = bySlice.get(use.slice);
		// A slice that we do not know, or that another access point has: a platform that came back from a backup forgot it.
		const isOurs = row !== undefined && row.ap === use.ap;
		const payer = isOurs ? row.account : await payerOf(tx, use.account);
		if (payer === undefined) continue;
		payers.set(payer, payer);
		const covered = isOurs ? Math.min(use.amount, outstandingOf(row)) : 0;
		if (isOurs && covered > 0) {
			transfers.push(transferOf(use, payer, { from: 'slices', amount: covered, kind: 'slice-used' }, now));
			await noteUse(tx, row, covered);
		}
		if (use.amount > covered) late.push({ use, payer, amount: use.amount - covered });
	}
	await addTransfers(tx, transfers);
	for (const { use, payer, amount } of late) await chargeLate(tx, use, payer, amount, now);
	return [...payers.values()];
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

/** More than the slice had: never free for whoever used it as long as there is something left. */
async function chargeLate(tx: Queryable, use: SliceUse, payer: string, amount: number, now: number): Promise<void> {
	await tx.query('SELECT 1 FROM account WHERE account = $1 FOR UPDATE', [payer]);
	await expirePackages(tx, payer, now);
	const { available } = await balancesOf(tx, payer, 'byte');
	const own = Math.min(amount, available);
	const house = amount - own;
	if (own > 0) {
		const late = transferOf(use, payer, { from: 'available', amount: own, kind: 'late-use' }, now);
		await takeAvailable(tx, late, await livePackages(tx, payer));
	}
	if (house > 0)
		await addTransfers(tx, [transferOf(use, payer, { from: 'issued', amount: house, kind: 'house-pays' }, now)]);
	const details = { slice: use.slice, charged: own, house };
	const id = `late:${nameOf('l', [use.slice, use.ap, use.stream, use.sequence])}`;
	await addEvents(tx, [{ ap: use.ap, id, kind: 'slice.late', account: payer, at: now, details }], now);
}

function transferOf(
	{ slice, ap, account, stream, sequence }: SliceUse,
	payer: string,
	{ from, amount, kind }: Pick<Transfer, 'from' | 'amount' | 'kind'>,
	at: number,
): Transfer {
	const id = nameOf('u', [kind, slice, ap, stream, sequence]);
	return {
		account: payer,
		id,
		unit: 'byte',
		from,
		to: 'spent',
		amount,
		kind,
		about: { slice, ap, member: account },
		at,
	};
}

async function payerOf(tx: Queryable, account: string): Promise<string | undefined> {
	const [row] = await tx.query<{ payer: string }>(
		'SELECT coalesce(pool, account) AS payer FROM account WHERE account = $1',
		[account],
	);
	return row?.payer;
}
