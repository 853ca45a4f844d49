import { CarrierError } from '../carrier-error.ts';
import { type Queryable, SUM_MAX } from '../database/database.ts';
import type { Pace } from '../package/package-terms.ts';
import { livePackages, paceOf } from '../package/packages.ts';
import type { Book, Unit } from './transfers.ts';

/** Answers of lists are pages: a list that is cut off silently looks complete. */
export const PAGE_ROWS_MAX = 500;

export type AccountRow = {
	account: string;
	title: string;
	state: 'active' | 'blocked';
	/** The shared allowance that pays for it. */
	pool: string | null;
	credit_out: boolean;
	created_at: number;
	/** That follows from the customer's code; null: there is none. */
	code_key: string | null;
};

export type AccountPicture = {
	account: string;
	title: string;
	state: 'active' | 'blocked';
	pool: string | null;
	isCreditOut: boolean;
	createdAt: number;
	/** Access points that have reported usage of an account of their own with this name. */
	localAt: string[];
	balances: { unit: Unit; book: Book; amount: number }[];
	/** What was bought by plans and is available, in the order in which it is spent. */
	packages: {
		package: string;
		plan: string;
		amount: number;
		available: number;
		expiresAt: number | null;
		validForSeconds: number | null;
		pace: Pace;
	}[];
	/** Since it was created, over all access points. */
	usage: { class: string; unit: Unit; amount: number; upBytes: number; downBytes: number }[];
};

/** @throws CarrierError `exists_with_different_values` */
export async function createAccount(
	tx: Queryable,
	{ account, title, now }: { account: string; title: string; now: number },
): Promise<'done' | 'exists'> {
	const rows = await tx.query(
		`INSERT INTO account (account, title, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (account) DO NOTHING RETURNING 1`,
		[account, title, now],
	);
	if (rows.length === 1) return 'done';
	const stored = await accountRow(tx, account);
	if (stored?.title === title) return 'exists';
	throw new CarrierError('exists_with_different_values', `${account} exists with another title`);
}

/** Access points of a list that a person reads. */
const LOCAL_AT_MAX = 20;

/**
 * Access points that have reported an account of their own with this name, from before there was one here. There the own one is spent, and what is
 * reported of it is on the list for a person.
 */
export async function localAccountsAt(tx: Queryable, account: string): Promise<string[]> {
	const rows = await tx.query<{ ap: string }>(
		'SELECT ap FROM unknown_account WHERE account = $1 ORDER BY ap LIMIT $2',
		[account, LOCAL_AT_MAX],
	);
	return rows.map(({ ap }) => ap);
}

export async function accountRow(tx: Queryable, account: string): Promise<AccountRow | undefined> {
	return (await tx.query<AccountRow>('SELECT * FROM account WHERE account = $1', [account]))[0];
}

/** The row, locked until the transaction ends: whoever decides about an account's credit takes turns. @throws CarrierError `not_found` */
export async function lockAccount(tx: Queryable, account: string): Promise<AccountRow> {
	const [row] = await tx.query<AccountRow>('SELECT * FROM account WHERE account = $1 FOR UPDATE', [account]);
	if (row === undefined) throw new CarrierError('not_found', `there is no account ${account}`);
	return row;
}

/** @throws CarrierError `not_found` */
export async function setAccountState(tx: Queryable, account: string, state: 'active' | 'blocked'): Promise<void> {
	const rows = await tx.query('UPDATE account SET state = $2 WHERE account = $1 RETURNING 1', [account, state]);
	if (rows.length === 0) throw new CarrierError('not_found', `there is no account ${account}`);
}

/** In the order of names, from behind `after`. */
export async function listAccounts(
	tx: Queryable,
	{ after, limit }: { after: string; limit: number },
): Promise<AccountRow[]> {
	return await tx.query<AccountRow>('SELECT * FROM account WHERE account > $1 ORDER BY account LIMIT $2', [
		after,
		Math.min(limit, PAGE_ROWS_MAX),
	]);
}

/** @throws CarrierError `not_found` */
export async function accountPicture(tx: Queryable, account: string): Promise<AccountPicture> {
	const row = await accountRow(tx, account);
	if (row === undefined) throw new CarrierError('not_found', `there is no account ${account}`);
	return {
		account,
		title: row.title,
		state: row.state,
		pool: row.pool,
		isCreditOut: row.credit_out,
		createdAt: row.created_at,
		localAt: await localAccountsAt(tx, account),
		balances: await tx.query('SELECT unit, book, amount FROM balance WHERE account = $1 ORDER BY unit, book', [
			account,
		]),
		packages: (await livePackages(tx, account)).map((row) => ({
			package: row.package,
			plan: row.plan,
			amount: row.amount,
			available: row.available,
			expiresAt: row.expires_at,
			validForSeconds: row.valid_for_seconds,
			pace: paceOf(row),
		})),
		usage: await tx.query(
			`SELECT class, unit, least(sum(amount), ${SUM_MAX}) AS amount, least(sum(up_bytes), ${SUM_MAX}) AS "upBytes",
				least(sum(down_bytes), ${SUM_MAX}) AS "downBytes"
			FROM account_usage WHERE account = $1 AND resident GROUP BY class, unit ORDER BY class, unit`,
			[account],
		),
	};
}
