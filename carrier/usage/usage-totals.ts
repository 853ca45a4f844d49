import type { UsageRecord } from '../../protocol/usage.ts';
import { boundedSum, type Queryable, SUM_MAX } from '../database/database.ts';
import { momentOf } from './moments.ts';
import type { Standing } from './standing.ts';
import type { PlacedRecord } from './store-records.ts';

const HOUR_MS = 3_600_000;

/**
 * What one access point may report for one hour, class and unit: 1 PiB, a month of a 3 Gbit/s line that was away and reports it all for the
 * hour of its return. It keeps every sum of a few access points in what a double holds exactly.
 */
export const HOUR_AMOUNT_MAX = 2 ** 50;

/**
 * Adds to the sums that pictures and answers are made of. Answers the records of which an access point has said more than it can carry
 * in an hour: these are in no sum.
 */
export async function addToTotals(
	tx: Queryable,
	placed: readonly PlacedRecord[],
	standing: Pick<Standing, 'lives'>,
	now: number,
): Promise<readonly PlacedRecord[]> {
	if (placed.length === 0) return [];
	const byAccessPoint = new Sums();
	for (const { ap, record } of placed) byAccessPoint.add({ key: ap, hour: hourOf(record, now) }, record);
	const added = new Set(await byAccessPoint.writeAccessPoints(tx));
	const isIn = ({ ap, record }: PlacedRecord) => added.has(nameOf(ap, hourOf(record, now), record));
	const byAccount = new Sums();
	for (const one of placed) {
		const { ap, record, rated } = one;
		const { account } = record;
		if (!isIn(one)) continue;
		const place = { key: account, hour: hourOf(record, now), resident: standing.lives({ ap, account }) };
		byAccount.add(place, record, rated?.priceMicro ?? 0);
	}
	await byAccount.writeAccounts(tx);
	return placed.filter((one) => !isIn(one));
}

function hourOf(record: UsageRecord, now: number): number {
	return Math.floor(momentOf(record, now) / HOUR_MS) * HOUR_MS;
}

const ACCOUNT_SUMS = `INSERT INTO account_usage (account, hour, class, unit, amount, up_bytes, down_bytes, price_micro, resident)
	SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
		$9::boolean[]) AS u(key, hour, class, unit, amount, up, down, price, resident)
	ORDER BY u.key, u.hour, u.class, u.unit, u.resident
	ON CONFLICT (account, hour, class, unit, resident) DO UPDATE SET amount = least(account_usage.amount + EXCLUDED.amount, ${SUM_MAX}),
		up_bytes = least(account_usage.up_bytes + EXCLUDED.up_bytes, ${SUM_MAX}),
		down_bytes = least(account_usage.down_bytes + EXCLUDED.down_bytes, ${SUM_MAX}),
		price_micro = least(account_usage.price_micro + EXCLUDED.price_micro, ${SUM_MAX})`;

const ACCESS_POINT_SUMS = `INSERT INTO access_point_usage (ap, hour, class, unit, amount, up_bytes, down_bytes)
	SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
		AS u(key, hour, class, unit, amount, up, down)
	ORDER BY u.key, u.hour, u.class, u.unit
	ON CONFLICT (ap, hour, class, unit) DO UPDATE SET amount = access_point_usage.amount + EXCLUDED.amount,
		up_bytes = access_point_usage.up_bytes + EXCLUDED.up_bytes,
		down_bytes = access_point_usage.down_bytes + EXCLUDED.down_bytes
	WHERE greatest(access_point_usage.amount + EXCLUDED.amount, access_point_usage.up_bytes + EXCLUDED.up_bytes,
		access_point_usage.down_bytes + EXCLUDED.down_bytes) <= ${HOUR_AMOUNT_MAX}
	RETURNING ap AS key, hour, class, unit`;

type Key = { key: string; hour: number; class: string; unit: string };
/** An access point or an account, and its hour; and of an account, whether it lived here when this was booked. */
type Place = { key: string; hour: number; resident?: boolean };
type Sum = Key & { resident: boolean; amount: number; up: number; down: number; price: number };

/** One row for each key, hour, class and unit: a statement may touch a row only once. */
class Sums {
	readonly #sums = new Map<string, Sum>();

	add({ key, hour, resident = true }: Place, record: UsageRecord, price = 0): void {
		const name = `${nameOf(key, hour, record)}/${resident}`;
		let sum = this.#sums.get(name);
		if (sum === undefined) {
			sum = { key, hour, resident, class: record.class, unit: record.unit, amount: 0, up: 0, down: 0, price: 0 };
			this.#sums.set(name, sum);
		}
		sum.amount = boundedSum(sum.amount, record.amount);
		sum.up = boundedSum(sum.up, record.upBytes);
		sum.down = boundedSum(sum.down, record.downBytes);
		sum.price = boundedSum(sum.price, price);
	}

	async writeAccounts(tx: Queryable): Promise<void> {
		const rows = [...this.#sums.values()];
		if (rows.length === 0) return;
		await tx.query(ACCOUNT_SUMS, [
			...columnsOf(rows),
			rows.map(({ price }) => price),
			rows.map(({ resident }) => resident),
		]);
	}

	/** Answers the names of the sums that were added. */
	async writeAccessPoints(tx: Queryable): Promise<string[]> {
		const rows = [...this.#sums.values()].filter(
			({ amount, up, down }) => Math.max(amount, up, down) <= HOUR_AMOUNT_MAX,
		);
		if (rows.length === 0) return [];
		const added = await tx.query<Key>(ACCESS_POINT_SUMS, columnsOf(rows));
		return added.map((row) => nameOf(row.key, row.hour, row));
	}
}

function columnsOf(rows: readonly Sum[]): unknown[][] {
	return [
		rows.map(({ key }) => key),
		rows.map(({ hour }) => hour),
		rows.map((row) => row.class),
		rows.map(({ unit }) => unit),
		rows.map(({ amount }) => amount),
		rows.map(({ up }) => up),
		rows.map(({ down }) => down),
	];
}

function nameOf(key: string, hour: number, record: { readonly class: string; readonly unit: string }): string {
	return `${key}/${hour}/${record.class}/${record.unit}`;
}
