import type { Queryable } from '../database/database.ts';
import { nameOf } from '../fleet/message-name.ts';
import type { PlacedRecord } from './store-records.ts';

/** Rated records in one delivery: some 60 KiB of JSON. */
const DELIVERY_RECORDS_MAX = 250;

/** Puts each rated record on its way to its destination: to be called for, or sent in deliveries that are retried. */
export async function noteRouted(tx: Queryable, placed: readonly PlacedRecord[], now: number): Promise<void> {
	const routed = placed.filter(({ rated }) => rated?.route !== undefined);
	if (routed.length === 0) return;
	await tx.query(
		`INSERT INTO routed_record (route, account, ap, id)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING`,
		[
			routed.map(({ rated }) => rated?.route as string),
			routed.map(({ record }) => record.account),
			routed.map(({ ap }) => ap),
			routed.map(({ record }) => record.id),
		],
	);
	const pushed = await tx.query<{ id: string }>(
		"SELECT id FROM subscription WHERE id = ANY ($1::text[]) AND target <> 'pull'",
		[[...new Set(routed.map(({ rated }) => rated?.route as string))]],
	);
	for (const { id } of pushed) {
		const records = routed.filter(({ rated }) => rated?.route === id);
		for (let first = 0; first < records.length; first += DELIVERY_RECORDS_MAX) {
			await deliver(tx, id, records.slice(first, first + DELIVERY_RECORDS_MAX), now);
		}
	}
}

async function deliver(tx: Queryable, route: string, records: readonly PlacedRecord[], now: number): Promise<void> {
	const body = {
		kind: 'usage.rated',
		at: now,
		records: records.map(({ ap, record, rated }) => ({
			ap,
			...record,
			tariff: rated?.tariff,
			priceMicro: rated?.priceMicro,
		})),
	};
	const name = nameOf(
		'rated',
		records.flatMap(({ ap, record }) => [ap, record.account, record.id]),
	);
	await tx.query(
		`INSERT INTO delivery (subscription, name, body, made_at, due_at) VALUES ($1, $2, $3, $4, $4)
		ON CONFLICT (subscription, name) DO NOTHING`,
		[route, name, JSON.stringify(body), now],
	);
}
