import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import type { Rate } from './rating.ts';

/** Each record is compared with each of them until one holds. */
export const RATES_MAX = 200;

/** In the order in which they are asked. */
export async function listRates(tx: Queryable): Promise<Rate[]> {
	const rows = await tx.query<{ body: Rate }>("SELECT body FROM rate ORDER BY (body->>'priority')::integer, name");
	return rows.map(({ body }) => body);
}

/** Sets what is rated under a name. Records that were rated keep their price. @throws CarrierError `too_large` */
export async function putRate(tx: Queryable, rate: Rate, now: number): Promise<void> {
	const [{ count } = { count: 0 }] = await tx.query<{ count: number }>(
		'SELECT count(*) AS count FROM rate WHERE name <> $1',
		[rate.name],
	);
	if (count >= RATES_MAX) throw new CarrierError('too_large', `there are ${RATES_MAX} rates already`);
	await tx.query(
		`INSERT INTO rate (name, body, changed_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET body = EXCLUDED.body, changed_at = EXCLUDED.changed_at`,
		[rate.name, JSON.stringify(rate), now],
	);
}

/** @throws CarrierError `not_found` */
export async function removeRate(tx: Queryable, name: string): Promise<void> {
	const rows = await tx.query('DELETE FROM rate WHERE name = $1 RETURNING 1', [name]);
	if (rows.length === 0) throw new CarrierError('not_found', `there is no rate ${name}`);
}
