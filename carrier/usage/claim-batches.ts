import type { Queryable } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';
import type { BatchFate, ReceivedBatch } from './received-batch.ts';

/**
 * Which of these batches count: exactly once for each (access point, stream, sequence), whoever else works at the same time. The
 * streams are locked until the transaction ends.
 */
export async function claimBatches(
	tx: Queryable,
	batches: readonly ReceivedBatch[],
	now: number,
): Promise<Map<ReceivedBatch, BatchFate>> {
	await lockStreams(tx, batches, now);
	const columns = [
		batches.map(({ usage }) => usage.ap),
		batches.map(({ usage }) => usage.stream),
		batches.map(({ usage }) => usage.sequence),
	];
	const claimed = await tx.query<{ ap: string; stream: string; sequence: number }>(
		`INSERT INTO usage_batch (ap, stream, sequence, digest, records, received_at)
		SELECT *, $6::bigint FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::integer[])
		ON CONFLICT (ap, stream, sequence) DO NOTHING RETURNING ap, stream, sequence`,
		[...columns, batches.map(({ digest }) => digest), batches.map(({ usage }) => usage.records.length), now],
	);
	const fresh = new Set(claimed.map(nameOf));
	const fates = new Map<ReceivedBatch, BatchFate>();
	const others: ReceivedBatch[] = [];
	for (const batch of batches) {
		// The first of two in one transaction is the one that was stored.
		if (fresh.delete(nameOf(batch.usage))) fates.set(batch, 'new');
		else others.push(batch);
	}
	if (others.length === 0) return fates;
	const stored = await tx.query<{ ap: string; stream: string; sequence: number; digest: string }>(
		`SELECT ap, stream, sequence, digest FROM usage_batch
		WHERE (ap, stream, sequence) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]))`,
		columns,
	);
	const digests = new Map(stored.map((row) => [nameOf(row), row.digest]));
	for (const batch of others)
		fates.set(batch, digests.get(nameOf(batch.usage)) === batch.digest ? 'repeated' : 'conflict');
	await noteConflicts(
		tx,
		others.filter((batch) => fates.get(batch) === 'conflict'),
		now,
	);
	return fates;
}

async function lockStreams(tx: Queryable, batches: readonly ReceivedBatch[], now: number): Promise<void> {
	const streams = [batches.map(({ usage }) => usage.ap), batches.map(({ usage }) => usage.stream)];
	await tx.query(
		`INSERT INTO usage_stream (ap, stream, first_at, last_at)
		SELECT DISTINCT u.ap, u.stream, $3::bigint, $3::bigint FROM unnest($1::text[], $2::text[]) AS u(ap, stream)
		ORDER BY u.ap, u.stream ON CONFLICT (ap, stream) DO NOTHING`,
		[...streams, now],
	);
	await tx.query(
		`SELECT 1 FROM usage_stream WHERE (ap, stream) IN (SELECT * FROM unnest($1::text[], $2::text[]))
		ORDER BY ap, stream FOR UPDATE`,
		streams,
	);
}

/** The access point's database came back from a backup. Nothing of such a batch counts; its access point hears of it by the digest. */
async function noteConflicts(tx: Queryable, batches: readonly ReceivedBatch[], now: number): Promise<void> {
	for (const { usage, digest } of batches) {
		const { ap, stream, sequence, records } = usage;
		await tx.query(
			`INSERT INTO usage_conflict (ap, stream, sequence, digest, found_at, records) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (ap, stream, sequence, digest) DO NOTHING`,
			[ap, stream, sequence, digest, now, JSON.stringify(records)],
		);
		const id = `conflict:${stream}:${sequence}:${digest}`;
		await addEvents(tx, [{ ap, id, kind: 'usage.conflict', at: now, details: { stream, sequence } }], now);
	}
}

function nameOf({ ap, stream, sequence }: { ap: string; stream: string; sequence: number }): string {
	return `${ap}/${stream}/${sequence}`;
}
