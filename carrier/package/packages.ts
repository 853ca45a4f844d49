import { addTransfers, type Transfer } from '../account/transfers.ts';
import type { Queryable } from '../database/database.ts';
import type { Pace, PackageTerms } from './package-terms.ts';

/** What was bought by a plan. Whatever goes into `available` or out of it for a package names it: `about.package`. */
export type PackageRow = {
	account: string;
	/** The id of the transfer that bought it. */
	package: string;
	plan: string;
	amount: number;
	/** Neither out in slices nor used. */
	available: number;
	up_bytes_per_second: number | null;
	down_bytes_per_second: number | null;
	valid_for_seconds: number | null;
	/** Null: never, or not before the first slice. */
	expires_at: number | null;
	bought_at: number;
};

/**
 * The order in which credit is spent, that of an access point: what expires soonest, then what was bought first. Credit without
 * terms is the last.
 */
const SPENDING_ORDER = 'ORDER BY expires_at NULLS LAST, bought_at, package';

/** Its credit must have come by a transfer of the same id. */
export async function addPackage(
	tx: Queryable,
	{ account, id, amount, terms }: { account: string; id: string; amount: number; terms: PackageTerms },
	now: number,
): Promise<void> {
	const { plan, validForSeconds, validFrom = 'purchase', pace = {} } = terms;
	const isRunning = validForSeconds !== undefined && validFrom === 'purchase';
	await tx.query(
		`INSERT INTO package (account, package, plan, amount, available, up_bytes_per_second, down_bytes_per_second,
			valid_for_seconds, expires_at, bought_at) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9)`,
		[
			...[account, id, plan, amount, pace.upBytesPerSecond ?? null, pace.downBytesPerSecond ?? null],
			...[validForSeconds ?? null, isRunning ? now + validForSeconds * 1000 : null, now],
		],
	);
}

/** Those of which something is available, in spending order. */
export async function livePackages(tx: Queryable, account: string): Promise<PackageRow[]> {
	return await tx.query<PackageRow>(`SELECT * FROM package WHERE account = $1 AND available > 0 ${SPENDING_ORDER}`, [
		account,
	]);
}

export async function packageRow(tx: Queryable, account: string, id: string): Promise<PackageRow | undefined> {
	return (await tx.query<PackageRow>('SELECT * FROM package WHERE account = $1 AND package = $2', [account, id]))[0];
}

/**
 * Moves available bytes elsewhere, in spending order: one transfer for each package. The account must be locked, so that nobody else
 * takes from it; what has ended must have been expired before.
 *
 * @throws CarrierError `not_enough`
 */
export async function takeAvailable(
	tx: Queryable,
	wanted: Omit<Transfer, 'from' | 'unit'>,
	packages: readonly PackageRow[],
): Promise<void> {
	const transfer = { ...wanted, unit: 'byte', from: 'available' } as const;
	const parts: Transfer[] = [];
	let left = wanted.amount;
	for (const { package: id, available } of packages) {
		const amount = Math.min(left, available);
		if (amount === 0) break;
		parts.push({ ...transfer, id: `${wanted.id}:${id}`, amount, about: { ...wanted.about, package: id } });
		left -= amount;
	}
	if (left > 0) parts.push({ ...transfer, amount: left });
	await addTransfers(tx, parts);
	const taken = parts.slice(0, left > 0 ? -1 : undefined);
	await movePackages(
		tx,
		wanted.account,
		taken.map(({ about, amount }) => ({ id: (about as { package: string }).package, amount: -amount })),
	);
}

/** Behind its transfers: everybody locks the balance first. */
export async function movePackages(
	tx: Queryable,
	account: string,
	moves: readonly { readonly id: string; readonly amount: number }[],
): Promise<void> {
	if (moves.length === 0) return;
	await tx.query(
		`UPDATE package SET available = available + u.amount
		FROM unnest($2::text[], $3::bigint[]) AS u(package, amount) WHERE account = $1 AND package.package = u.package`,
		[account, moves.map(({ id }) => id), moves.map(({ amount }) => amount)],
	);
}

export function paceOf({ up_bytes_per_second: up, down_bytes_per_second: down }: PackageRow): Pace {
	return {
		...(up === null ? {} : { upBytesPerSecond: up }),
		...(down === null ? {} : { downBytesPerSecond: down }),
	};
}
