import type { Queryable } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';
import { platformEventId } from '../fleet/message-name.ts';
import type { BatchFate, ReceivedBatch } from './received-batch.ts';

/**
 * Batches that are kept of one access point in an hour, though others have their numbers: a restored one has a window of 8, and then begins a
 * new stream.
 */
export const CONFLICTS_KEPT_MAX = 100;
const HOUR_MS = 3_600_000;
/** Streams that an access point may begin in a day: one begins with a new database, or one that came back from a backup. */
export const NEW_STREAMS_MAX = 50;
const DAY_MS = 86_400_000;

/**
 * Which of these batches count: exactly once for each (access point, stream, sequence), whoever else works at the same time. The
 * streams are locked until the transaction ends.
 */
export async function claimBatches(
	tx: Queryable,
	batches: readonly ReceivedBatch[],
	now: number,
): Promise<Map<ReceivedBatch, BatchFate>> {
	const locked = await lockStreams(tx, batches, now);
	const fates = new Map<ReceivedBatch, BatchFate>();
	const claimable = batches.filter((batch) => locked.has(streamOf(batch.usage)));
	for (const batch of batches) if (!locked.has(streamOf(batch.usage))) fates.set(batch, 'deferred');
	await claim(tx, claimable, fates, now);
	return fates;
}

async function claim(
	tx: Queryable,
	batches: readonly ReceivedBatch[],
	fates: Map<ReceivedBatch, BatchFate>,
	now: number,
): Promise<void> {
	if (batches.length === 0) return;
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
	const others: ReceivedBatch[] = [];
	for (const batch of batches) {
		// The first of two in one transaction is the one that was stored.
		if (fresh.delete(nameOf(batch.usage))) fates.set(batch, 'new');
		else others.push(batch);
	}
	if (others.length === 0) return;
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
}

/** Locks the streams of these batches, and begins those that are new. Answers all but those that would be more than an access point may begin. */
async function lockStreams(tx: Queryable, batches: readonly ReceivedBatch[], now: number): Promise<Set<string>> {
	const wanted = new Map(batches.map(({ usage }) => [streamOf(usage), usage]));
	const known = await lockKnown(tx, [...wanted.values()]);
	const missing = [...wanted].filter(([name]) => !known.has(name)).map(([, usage]) => usage);
	if (missing.length === 0) return known;
	const begun = await tx.query<{ ap: string; count: number }>(
		'SELECT ap, count(*) AS count FROM usage_stream WHERE ap = ANY ($1::text[]) AND first_at > $2 GROUP BY ap',
		[[...new Set(missing.map(({ ap }) => ap))], now - DAY_MS],
	);
	const counts = new Map(begun.map(({ ap, count }) => [ap, count]));
	const fresh = missing.filter(({ ap }) => {
		const count = counts.get(ap) ?? 0;
		counts.set(ap, count + 1);
		return count < NEW_STREAMS_MAX;
	});
	await tx.query(
		`INSERT INTO usage_stream (ap, stream, first_at, last_at)
		SELECT u.ap, u.stream, $3::bigint, $3::bigint FROM unnest($1::text[], $2::text[]) AS u(ap, stream)
		ORDER BY u.ap, u.stream ON CONFLICT (ap, stream) DO NOTHING`,
		[fresh.map(({ ap }) => ap), fresh.map(({ stream }) => stream), now],
	);
	return new Set([...known, ...(await lockKnown(tx, fresh))]);
}

async function lockKnown(tx: Queryable, streams: readonly { ap: string; stream: string }[]): Promise<Set<string>> {
	const rows = await tx.query<{ ap: string; stream: string }>(
		`SELECT ap, stream FROM usage_stream WHERE (ap, stream) IN (SELECT * FROM unnest($1::text[], $2::text[]))
		ORDER BY ap, stream FOR UPDATE`,
		[streams.map(({ ap }) => ap), streams.map(({ stream }) => stream)],
	);
	return new Set(rows.map(streamOf));
}

function streamOf({ ap, stream }: { ap: string; stream: string }): string {
	return `${ap}/${stream}`;
}

/** The access point's database came back from a backup. Nothing of such a batch counts; its access point hears of it by the digest. */
async function noteConflicts(tx: Queryable, batches: readonly ReceivedBatch[], now: number): Promise<void> {
	for (const { usage, digest } of batches) {
		const { ap, stream, sequence, records } = usage;
		const kept = await tx.query(
			`INSERT INTO usage_conflict (ap, stream, sequence, digest, found_at, records)
			SELECT $1, $2, $3::bigint, $4, $5::bigint, $6::jsonb
			WHERE (SELECT count(*) FROM usage_conflict WHERE ap = $1 AND found_at >= $8::bigint) < $7
			ON CONFLICT (ap, stream, sequence, digest) DO NOTHING RETURNING 1`,
			[ap, stream, sequence, digest, now, storable(records), CONFLICTS_KEPT_MAX, now - HOUR_MS],
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
