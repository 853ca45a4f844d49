import type { Database } from '../../../carrier/database/database.ts';

/** What the load knows of one stream when it ends: what was acknowledged is stored, what was not sent cannot be. */
export type SentStream = {
	readonly name: string;
	readonly stream: string;
	readonly acknowledged: number;
	readonly sent: number;
};

export type StoredFigures = {
	/** Records of acknowledged batches that are not there. */
	readonly lost: number;
	/** Records that nobody has sent. */
	readonly unsent: number;
	/** Records that are there or were counted more than once, and those of batches that are there by half. */
	readonly twice: number;
};

type Row = { ap: string; stream: string; sequence: number; records: number; named: number };

const BATCHES = `SELECT ap, split_part(id, '.', 1) AS stream, split_part(id, '.', 2)::bigint AS sequence,
	count(*) AS records, count(DISTINCT id) AS named FROM usage_record GROUP BY 1, 2, 3`;

/** Compares what is stored, batch by batch, with what was sent and acknowledged. */
export async function comparedWithSent(
	database: Database,
	streams: readonly SentStream[],
	{ records, amount }: { readonly records: number; readonly amount: number },
): Promise<StoredFigures> {
	const rows = await database.query<Row>(BATCHES);
	const found = new Map(rows.map((row) => [`${row.ap} ${row.stream} ${row.sequence}`, row]));
	let lost = 0;
	let stored = 0;
	let twice = 0;
	for (const { name, stream, acknowledged, sent } of streams) {
		for (let sequence = 1; sequence <= sent; sequence += 1) {
			const row = found.get(`${name} ${stream} ${sequence}`);
			stored += row?.records ?? 0;
			if (sequence <= acknowledged) lost += Math.max(0, records - (row?.named ?? 0));
			// A batch is there as a whole or not at all.
			if (row !== undefined) twice += Math.abs(row.records - records) + (row.records - row.named);
		}
	}
	const all = rows.reduce((sum, row) => sum + row.records, 0);
	// The sums by account and hour are added to: a record that was counted twice shows there.
	const [sums] = await database.query<{ amount: number }>(
		'SELECT coalesce(sum(amount), 0)::bigint AS amount FROM account_usage',
	);
	return { lost, unsent: all - stored, twice: twice + Math.abs((sums?.amount ?? 0) / amount - all) };
}
