import type { Queryable } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';
import { platformEventId } from '../fleet/message-name.ts';
import type { BatchFate, ReceivedBatch } from './received-batch.ts';

/**
 * Batches that are kept of one stream, though others have their numbers: a restored access point has a window of 8, and then begins a new
 * stream.
 */
const CONFLICTS_KEPT_MAX = 100;

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
		const kept = await tx.query(
			`INSERT INTO usage_conflict (ap, stream, sequence, digest, found_at, records)
			SELECT $1, $2, $3::bigint, $4, $5::bigint, $6::jsonb
			WHERE (SELECT count(*) FROM usage_conflict WHERE ap = $1 AND stream = $2) < $7
			ON CONFLICT (ap, stream, sequence, digest) DO NOTHING RETURNING 1`,
			[ap, stream, sequence, digest, now, storable(records), CONFLICTS_KEPT_MAX],
		);
		if (kept.length === 0) continue;
		const id = platformEventId('conflict', stream, sequence, digest);
		await addEvents(tx, [{ ap, id, kind: 'usage.conflict', at: now, details: { stream, sequence } }], now);
	}
}

/** JSON writes half a character as an escape, which `jsonb` refuses. */
function storable(value: unknown): string {
	return JSON.stringify(value).replace(/\\ud[89a-f][0-9a-f]{2}/g, '\\ufffd');
}

function nameOf({ ap, stream, sequence }: { ap: string; stream: string; sequence: number }): string {
	return `${ap}/${stream}/${sequence}`;
}
