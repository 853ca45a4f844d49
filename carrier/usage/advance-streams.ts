import type { Queryable } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';
import { platformEventId } from '../fleet/message-name.ts';

/** Everything of this stream up to this batch is committed. */
export type StreamAck = {
	readonly ap: string;
	readonly stream: string;
	readonly sequence: number;
	readonly digest: string;
};

/**
 * How long a batch may be missing between others, though its access point says that it was acknowledged, before that is called a gap.
 * Workers take batches of one access point side by side, so for moments each stream has holes.
 */
export const GAP_PATIENCE_MS = 10_000;

/** Gaps that one sweep reports. */
const GAPS_MAX = 100;

/** Moves these streams up to the last batch behind which nothing is missing. Answers what their access points may delete. */
export async function advanceStreams(
	tx: Queryable,
	streams: readonly { ap: string; stream: string }[],
	now: number,
): Promise<StreamAck[]> {
	return await tx.query<StreamAck>(
		`WITH wanted AS (SELECT DISTINCT u.ap, u.stream FROM unnest($1::text[], $2::text[]) AS u(ap, stream)),
		reached AS (
			SELECT s.ap, s.stream, coalesce(f.contiguous, s.committed) AS committed, coalesce(f.newest, s.committed) AS newest
			FROM wanted w JOIN usage_stream s USING (ap, stream) LEFT JOIN LATERAL (
				SELECT max(n.sequence) AS newest, max(n.sequence) FILTER (WHERE n.sequence = s.committed + n.place) AS contiguous
				FROM (
					SELECT b.sequence, row_number() OVER (ORDER BY b.sequence) AS place
					FROM usage_batch b WHERE b.ap = s.ap AND b.stream = s.stream AND b.sequence > s.committed
				) AS n
			) AS f ON true
		),
		moved AS (
			UPDATE usage_stream SET committed = r.committed, last_at = $3,
				gap_since = CASE WHEN r.newest > r.committed THEN coalesce(usage_stream.gap_since, $3) END
			FROM reached r WHERE usage_stream.ap = r.ap AND usage_stream.stream = r.stream
			RETURNING usage_stream.ap, usage_stream.stream, usage_stream.committed
		)
		SELECT m.ap, m.stream, m.committed AS sequence, b.digest
		FROM moved m JOIN usage_batch b ON b.ap = m.ap AND b.stream = m.stream AND b.sequence = m.committed`,
		[streams.map(({ ap }) => ap), streams.map(({ stream }) => stream), now],
	);
}

/** How far an access point says that it was acknowledged: what is missing before that will not come again. */
export async function noteAcknowledged(
	tx: Queryable,
	{ ap, stream, acknowledged }: { ap: string; stream: string; acknowledged: number },
): Promise<void> {
	await tx.query('UPDATE usage_stream SET told = greatest(told, $3) WHERE ap = $1 AND stream = $2', [
		ap,
		stream,
		acknowledged,
	]);
}

/**
 * Batches that never come: the platform came back from a backup, and the access point has deleted them long ago, as it says itself. The
 * gap is reported, and the stream goes on behind it. Should one of them come after all, it still counts. What the access point still
 * has is no gap, however long it takes: an acknowledgement of what comes behind it would make it delete the only copy.
 */
export async function reportGaps(tx: Queryable, now: number): Promise<{ acks: StreamAck[]; gaps: number }> {
	const rows = await tx.query<{ ap: string; stream: string; first: number; last: number }>(
		`SELECT s.ap, s.stream, s.committed + 1 AS first,
			least(s.told, (SELECT min(b.sequence) - 1 FROM usage_batch b
				WHERE b.ap = s.ap AND b.stream = s.stream AND b.sequence > s.committed)) AS last
		FROM usage_stream s WHERE s.gap_since <= $1 AND s.told > s.committed ORDER BY s.ap, s.stream LIMIT $2 FOR UPDATE SKIP LOCKED`,
		[now - GAP_PATIENCE_MS, GAPS_MAX],
	);
	for (const { ap, stream, first, last } of rows) {
		await tx.query(
			`INSERT INTO usage_gap (ap, stream, first, last, found_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (ap, stream, first) DO NOTHING`,
			[ap, stream, first, last, now],
		);
		await tx.query('UPDATE usage_stream SET committed = $3, gap_since = NULL WHERE ap = $1 AND stream = $2', [
			ap,
			stream,
			last,
		]);
		const details = { stream, first, last };
		await addEvents(tx, [{ ap, id: platformEventId('gap', stream, first), kind: 'usage.gap', at: now, details }], now);
	}
	return { acks: rows.length === 0 ? [] : await advanceStreams(tx, rows, now), gaps: rows.length };
}
