import type { UsageRecord } from '../../protocol/usage.ts';
import type { Queryable } from '../database/database.ts';
import { type Rate, type Rated, rate } from './rating.ts';

export type PlacedRecord = { readonly ap: string; readonly record: UsageRecord; readonly rated: Rated | undefined };

/** Stores the records that we do not have yet, each with its price. Answers those: nothing else may count. */
export async function storeRecords(
	tx: Queryable,
	records: readonly { ap: string; record: UsageRecord }[],
	rates: readonly Rate[],
	now: number,
): Promise<PlacedRecord[]> {
	if (records.length === 0) return [];
	const placed = records.map(({ ap, record }) => ({ ap, record, rated: rate(record, { ap, now }, rates) }));
	const added = await tx.query<{ account: string; ap: string; id: string }>(
		`INSERT INTO usage_record (account, ap, id, session, class, unit, amount, up_bytes, down_bytes, paid, slice, uplink,
			from_at, to_at, tariff, price_micro, route, received_at)
		SELECT *, $18::bigint FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
			$8::bigint[], $9::bigint[], $10::boolean[], $11::text[], $12::text[], $13::bigint[], $14::bigint[], $15::text[],
			$16::bigint[], $17::text[])
		ON CONFLICT (account, ap, id) DO NOTHING RETURNING account, ap, id`,
		[
			placed.map(({ record }) => record.account),
			placed.map(({ ap }) => ap),
			placed.map(({ record }) => record.id),
			placed.map(({ record }) => record.session),
			placed.map(({ record }) => record.class),
			placed.map(({ record }) => record.unit),
			placed.map(({ record }) => record.amount),
			placed.map(({ record }) => record.upBytes),
			placed.map(({ record }) => record.downBytes),
			placed.map(({ record }) => record.paid),
			placed.map(({ record }) => record.slice ?? null),
			placed.map(({ record }) => record.uplink ?? null),
			placed.map(({ record }) => record.from),
			placed.map(({ record }) => record.to),
			placed.map(({ rated }) => rated?.tariff ?? null),
			placed.map(({ rated }) => rated?.priceMicro ?? null),
			placed.map(({ rated }) => rated?.route ?? null),
			now,
		],
	);
	if (added.length === placed.length) return placed;
	const fresh = new Set(added.map(({ account, ap, id }) => `${account}/${ap}/${id}`));
	// Of two with one name in one transaction the first was stored.
	return placed.filter(({ ap, record }) => fresh.delete(`${record.account}/${ap}/${record.id}`));
}

/** Removes what was stored a moment ago, in the same transaction: it is for a person. */
export async function unstoreRecords(tx: Queryable, placed: readonly PlacedRecord[]): Promise<void> {
	await tx.query(
		`DELETE FROM usage_record
		WHERE (account, ap, id) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))`,
		[placed.map(({ record }) => record.account), placed.map(({ ap }) => ap), placed.map(({ record }) => record.id)],
	);
}
