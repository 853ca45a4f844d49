import type { Database } from './database/database.ts';

/** What always holds, each with the question that finds what breaks it. */
export const INVARIANTS: readonly { readonly name: string; readonly sentence: string; readonly question: string }[] = [
	{
		name: 'balance-is-transfers',
		sentence: 'every balance is the sum of its transfers',
		question: `SELECT account || ' ' || unit || ' ' || book AS broken FROM (
			SELECT account, unit, book, sum(moved) AS moved, sum(held) AS held FROM (
				SELECT account, unit, from_book AS book, -amount AS moved, 0 AS held FROM transfer
				UNION ALL SELECT account, unit, to_book, amount, 0 FROM transfer
				UNION ALL SELECT account, unit, book, 0, amount FROM balance
			) AS sides GROUP BY account, unit, book
		) AS sums WHERE moved <> held`,
	},
	{
		name: 'account-sums-to-zero',
		sentence: 'the books of each account and unit sum to zero',
		question: `SELECT account || ' ' || unit AS broken FROM balance GROUP BY account, unit HAVING sum(amount) <> 0`,
	},
	{
		name: 'never-below-zero',
		sentence: 'no book but the source of credit is below zero',
		question: `SELECT account || ' ' || unit || ' ' || book AS broken FROM balance WHERE book <> 'issued' AND amount < 0`,
	},
	{
		name: 'slices-are-the-book',
		sentence: 'what is out in slices is what the book of slices says: Σ slices + available = the balance',
		question: `SELECT account AS broken FROM (
			SELECT account, sum(held) AS held, sum(sliced) AS sliced FROM (
				SELECT account, amount AS held, 0 AS sliced FROM balance WHERE book = 'slices'
				UNION ALL SELECT account, 0, amount - used - returned FROM slice WHERE state NOT IN ('closed', 'released')
			) AS sides GROUP BY account
		) AS sums WHERE held <> sliced`,
	},
	{
		name: 'packages-are-transfers',
		sentence: 'what is available of every package is what transfers say that name it',
		question: `SELECT account || ' ' || package AS broken FROM (
			SELECT account, package, sum(moved) AS moved, sum(held) AS held FROM (
				SELECT account, about->>'package' AS package, CASE to_book WHEN 'available' THEN amount ELSE -amount END AS moved, 0 AS held
				FROM transfer WHERE about->>'package' IS NOT NULL AND 'available' IN (from_book, to_book)
				UNION ALL SELECT account, package, 0, available FROM package
			) AS sides GROUP BY account, package
		) AS sums WHERE moved <> held`,
	},
	{
		name: 'packages-are-available',
		sentence: 'no account has more in its packages than is available',
		question: `SELECT p.account AS broken FROM (SELECT account, sum(available) AS held FROM package GROUP BY account) AS p
			LEFT JOIN balance b ON b.account = p.account AND b.unit = 'byte' AND b.book = 'available' WHERE p.held > coalesce(b.amount, 0)`,
	},
	{
		name: 'totals-are-records',
		sentence: 'the usage of every account is the sum of its records',
		question: `SELECT account || ' ' || class || ' ' || unit AS broken FROM (
			SELECT account, class, unit, sum(recorded) AS recorded, sum(total) AS total FROM (
				SELECT account, class, unit, amount AS recorded, 0 AS total FROM usage_record
				UNION ALL SELECT account, class, unit, 0, amount FROM account_usage
			) AS sides GROUP BY account, class, unit
		) AS sums WHERE recorded <> total`,
	},
	{
		name: 'fleet-is-accounts',
		sentence: 'what all access points reported is what all accounts used',
		question: `SELECT class || ' ' || unit AS broken FROM (
			SELECT class, unit, sum(account) AS account, sum(fleet) AS fleet FROM (
				SELECT class, unit, amount AS account, 0 AS fleet FROM account_usage
				UNION ALL SELECT class, unit, 0, amount FROM access_point_usage
			) AS sides GROUP BY class, unit
		) AS sums WHERE account <> fleet`,
	},
	{
		name: 'acknowledged-is-there',
		sentence: 'every acknowledged batch is stored, or its absence was reported as a gap',
		question: `SELECT s.ap || ' ' || s.stream AS broken FROM usage_stream s
			WHERE s.committed <> (SELECT count(*) FROM usage_batch b WHERE b.ap = s.ap AND b.stream = s.stream AND b.sequence <= s.committed)
			AND NOT EXISTS (SELECT 1 FROM usage_gap g WHERE g.ap = s.ap AND g.stream = s.stream)`,
	},
];

/** What one check may name: a person needs the first few. */
const BROKEN_MAX = 20;

export type Verdict = { readonly name: string; readonly sentence: string; readonly broken: readonly string[] };

/** Proves the invariants on the whole store, in one snapshot. */
export async function verify(database: Database): Promise<Verdict[]> {
	return await database.transaction(async (tx) => {
		await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
		const verdicts: Verdict[] = [];
		for (const { name, sentence, question } of INVARIANTS) {
			const rows = await tx.query<{ broken: string }>(`SELECT broken FROM (${question}) AS found LIMIT ${BROKEN_MAX}`);
			verdicts.push({ name, sentence, broken: rows.map(({ broken }) => broken) });
		}
		return verdicts;
	});
}
