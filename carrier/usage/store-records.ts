import type { UsageRecord } from '../../protocol/usage.ts';
import type { Queryable } from '../database/database.ts';
import { momentOf } from './moments.ts';
import { type Rate, type Rated, rate } from './rating.ts';

export type PlacedRecord = { readonly ap: string; readonly record: UsageRecord; readonly rated: Rated | undefined };

const HOUR_MS = 3_600_000;

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

/** Adds to the sums that pictures and answers are made of. */
export async function addToTotals(tx: Queryable, placed: readonly PlacedRecord[], now: number): Promise<void> {
	const byAccount = new Sums();
	const byAccessPoint = new Sums();
	for (const { ap, record, rated } of placed) {
		const hour = Math.floor(momentOf(record, now) / HOUR_MS) * HOUR_MS;
		byAccount.add(record.account, hour, record, rated?.priceMicro ?? 0);
		byAccessPoint.add(ap, hour, record, 0);
	}
	await byAccount.write(tx, ACCOUNT_SUMS, true);
	await byAccessPoint.write(tx, ACCESS_POINT_SUMS, false);
}

const ACCOUNT_SUMS = `INSERT INTO account_usage (account, hour, class, unit, amount, up_bytes, down_bytes, price_micro)
	SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
		AS u(key, hour, class, unit, amount, up, down, price)
	ORDER BY u.key, u.hour, u.class, u.unit
	ON CONFLICT (account, hour, class, unit) DO UPDATE SET amount = account_usage.amount + EXCLUDED.amount,
		up_bytes = account_usage.up_bytes + EXCLUDED.up_bytes, down_bytes = account_usage.down_bytes + EXCLUDED.down_bytes,
		price_micro = account_usage.price_micro + EXCLUDED.price_micro`;

const ACCESS_POINT_SUMS = `INSERT INTO access_point_usage (ap, hour, class, unit, amount, up_bytes, down_bytes)
	SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
		AS u(key, hour, class, unit, amount, up, down)
	ORDER BY u.key, u.hour, u.class, u.unit
	ON CONFLICT (ap, hour, class, unit) DO UPDATE SET amount = access_point_usage.amount + EXCLUDED.amount,
		up_bytes = access_point_usage.up_bytes + EXCLUDED.up_bytes,
		down_bytes = access_point_usage.down_bytes + EXCLUDED.down_bytes`;

type Sum = {
	key: string;
	hour: number;
	class: string;
	unit: string;
	amount: number;
	up: number;
	down: number;
	price: number;
};

/** One row for each key, hour, class and unit: a statement may touch a row only once. */
class Sums {
	readonly #sums = new Map<string, Sum>();

	add(key: string, hour: number, record: UsageRecord, price: number): void {
		const name = `${key}/${hour}/${record.class}/${record.unit}`;
		const sum = this.#sums.get(name) ?? {
			key,
			hour,
			class: record.class,
			unit: record.unit,
			amount: 0,
			up: 0,
			down: 0,
			price: 0,
		};
		sum.amount += record.amount;
		sum.up += record.upBytes;
		sum.down += record.downBytes;
		sum.price += price;
		this.#sums.set(name, sum);
	}

	async write(tx: Queryable, text: string, hasPrice: boolean): Promise<void> {
		const rows = [...this.#sums.values()];
		if (rows.length === 0) return;
		await tx.query(text, [
			rows.map(({ key }) => key),
			rows.map(({ hour }) => hour),
			rows.map((row) => row.class),
			rows.map(({ unit }) => unit),
			rows.map(({ amount }) => amount),
			rows.map(({ up }) => up),
			rows.map(({ down }) => down),
			...(hasPrice ? [rows.map(({ price }) => price)] : []),
		]);
	}
}
