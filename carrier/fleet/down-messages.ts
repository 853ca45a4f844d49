import type { Queryable } from '../database/database.ts';

/** What an access point is told once, and must answer. Policies are retained instead, and acknowledgements repeated. */
export type DownKind = 'command' | 'grant';

export type DownMessage = {
	readonly ap: string;
	/** Made by whoever asks; the same twice is one message. */
	readonly id: string;
	readonly kind: DownKind;
	readonly body: object;
	/** After it the access point refuses it, and we stop. */
	readonly lifetimeMs: number;
};

/** Stores it, to be sent when the transaction is committed. A message that exists is sent again if it may still be. */
export async function addDownMessage(tx: Queryable, message: DownMessage, now: number): Promise<'done' | 'exists'> {
	const { ap, id, kind, body, lifetimeMs } = message;
	const existing = await tx.query('UPDATE down_message SET send_at = $3 WHERE ap = $1 AND id = $2 RETURNING 1', [
		ap,
		id,
		now,
	]);
	if (existing.length > 0) return 'exists';
	const sequence = await nextDownSequence(tx, ap, now);
	await tx.query(
		`INSERT INTO down_message (ap, id, kind, sequence, body, issued_at, expires_at, send_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $6)`,
		[ap, id, kind, sequence, JSON.stringify(body), now, now + lifetimeMs],
	);
	return 'done';
}

/** Numbers of one millisecond: more messages than one access point gets in it. */
export const SEQUENCES_PER_MS = 1000;

/**
 * Locks the access point's row: its messages get their numbers in the order in which they are committed. They follow the clock,
 * so that they rise even if the database came back from a backup.
 */
async function nextDownSequence(tx: Queryable, ap: string, now: number): Promise<number> {
	const [row] = await tx.query<{ down_sequence: number }>(
		'UPDATE access_point SET down_sequence = greatest(down_sequence + 1, $2) WHERE ap = $1 RETURNING down_sequence',
		[ap, now * SEQUENCES_PER_MS],
	);
	if (row === undefined) throw new RangeError(`there is no access point ${ap}`);
	return row.down_sequence;
}

/** The answer of the access point. Answers what was asked; undefined for what we never asked, or was answered already. */
export async function answerDownMessage(
	tx: Queryable,
	{
		ap,
		id,
		outcome,
		code,
		message,
	}: { ap: string; id: string; outcome: string; code?: string | undefined; message?: string | undefined },
	now: number,
): Promise<{ kind: DownKind; body: Record<string, unknown> } | undefined> {
	const [row] = await tx.query<{ kind: DownKind; body: Record<string, unknown> }>(
		`UPDATE down_message SET answered_at = $3, send_at = NULL, outcome = $4, code = $5, message = $6
		WHERE ap = $1 AND id = $2 AND answered_at IS NULL RETURNING kind, body`,
		[ap, id, now, outcome, code ?? null, message ?? null],
	);
	return row;
}

/** What was asked, and is not answered yet. */
export async function openDownMessage(
	tx: Queryable,
	ap: string,
	id: string,
): Promise<{ kind: DownKind; body: Record<string, unknown> } | undefined> {
	const [row] = await tx.query<{ kind: DownKind; body: Record<string, unknown> }>(
		'SELECT kind, body FROM down_message WHERE ap = $1 AND id = $2 AND answered_at IS NULL',
		[ap, id],
	);
	return row;
}

/** An access point that is back gets what it has not answered. */
export async function resendOpen(tx: Queryable, ap: string, now: number): Promise<void> {
	await tx.query('UPDATE down_message SET send_at = $2 WHERE ap = $1 AND answered_at IS NULL AND expires_at > $2', [
		ap,
		now,
	]);
}

/** A denial that nobody can take any more says nothing to anybody: an access point may cause any number of them. */
const DENIAL_KEPT_MS = 600_000;
const DENIALS_REMOVED_MAX = 1000;

/** Removes denials that ended long ago. Answers how many. */
export async function removeOldDenials(tx: Queryable, now: number): Promise<number> {
	const rows = await tx.query(
		`DELETE FROM down_message WHERE (ap, id) IN (SELECT ap, id FROM down_message
			WHERE kind = 'grant' AND body->>'kind' = 'deny' AND expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1`,
		[now - DENIAL_KEPT_MS, DENIALS_REMOVED_MAX],
	);
	return rows.length;
}
