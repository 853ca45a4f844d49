import { CarrierError } from '../carrier-error.ts';
import { type Queryable, SUM_MAX } from '../database/database.ts';

export const UNITS = ['byte', 'second', 'micro'] as const;
export type Unit = (typeof UNITS)[number];

/** `issued` is where credit comes from (it is negative), `lapsed` where the rest of a reset goes. */
export type Book = 'issued' | 'available' | 'slices' | 'spent' | 'lapsed';

/** An amount moves between two books of one account. Never changed, never removed; the database's trigger moves the balances. */
export type Transfer = {
	readonly account: string;
	/** Made by whoever asks; the same twice is one transfer. */
	readonly id: string;
	readonly unit: Unit;
	readonly from: Book;
	readonly to: Book;
	/** 1 or more. */
	readonly amount: number;
	readonly kind: string;
	readonly about: object;
	readonly at: number;
};

/**
 * Adds one that somebody outside asked for.
 *
 * @throws CarrierError `exists_with_different_values`; `not_enough` where a balance would fall below zero, `too_large` where it would be
 *   larger than a number can say exactly
 */
export async function addTransfer(tx: Queryable, transfer: Transfer): Promise<'done' | 'exists'> {
	if ((await insert(tx, [transfer])) === 1) return 'done';
	const { account, id, unit, from, to, amount, kind } = transfer;
	const [stored] = await tx.query<object>(
		'SELECT unit, from_book AS from, to_book AS to, amount, kind FROM transfer WHERE account = $1 AND id = $2',
		[account, id],
	);
	if (JSON.stringify(stored) === JSON.stringify({ unit, from, to, amount, kind })) return 'exists';
	throw new CarrierError('exists_with_different_values', `${id} exists for ${account}, and says something else`, {
		fix: 'a new transaction needs an id of its own',
	});
}

/** Adds many at once, whose ids the caller knows to be new: their cause is stored in the same transaction. */
export async function addTransfers(tx: Queryable, transfers: readonly Transfer[]): Promise<void> {
	if (transfers.length === 0) return;
	const added = await insert(tx, transfers);
	if (added !== transfers.length) {
		throw new CarrierError(
			'broken_invariant',
			`${transfers.length - added} of ${transfers.length} transfers exist already`,
		);
	}
}

async function insert(tx: Queryable, transfers: readonly Transfer[]): Promise<number> {
	try {
		const rows = await tx.query(
			`INSERT INTO transfer (account, id, unit, from_book, to_book, amount, kind, about, at)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::jsonb[], $9::bigint[])
			ON CONFLICT (account, id) DO NOTHING RETURNING 1`,
			[
				transfers.map(({ account }) => account),
				transfers.map(({ id }) => id),
				transfers.map(({ unit }) => unit),
				transfers.map(({ from }) => from),
				transfers.map(({ to }) => to),
				transfers.map(({ amount }) => amount),
				transfers.map(({ kind }) => kind),
				transfers.map(({ about }) => JSON.stringify(about)),
				transfers.map(({ at }) => at),
			],
		);
		return rows.length;
	} catch (error) {
		const { constraint } = error as { constraint?: string };
		if (constraint === 'balance_exact')
			throw new CarrierError('too_large', `a balance may not be larger than ${SUM_MAX}`, { cause: error });
		if (constraint !== 'never_below_zero') throw error;
		throw new CarrierError('not_enough', 'the balance does not suffice', { cause: error });
	}
}

export type Balances = Readonly<Record<Book, number>>;

/** All books of one unit; what has no row is zero. */
export async function balancesOf(tx: Queryable, account: string, unit: Unit): Promise<Balances> {
	const rows = await tx.query<{ book: Book; amount: number }>(
		'SELECT book, amount FROM balance WHERE account = $1 AND unit = $2',
		[account, unit],
	);
	return {
		issued: 0,
		available: 0,
		slices: 0,
		spent: 0,
		lapsed: 0,
		...Object.fromEntries(rows.map(({ book, amount }) => [book, amount])),
	};
}
