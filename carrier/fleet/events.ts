import type { Queryable } from '../database/database.ts';

/** Something that happened: at an access point, or (with an empty `ap`) at the platform. */
export type CarrierEvent = {
	readonly ap: string;
	/** Unique for its access point: the same twice is one event. */
	readonly id: string;
	readonly kind: string;
	readonly account?: string | undefined;
	/** When it happened, by the clock of whoever says so. */
	readonly at: number;
	readonly details: object;
};

/** Stores what is new of these, and puts it on its way to whoever subscribed to it. Answers the new ones. */
export async function addEvents(tx: Queryable, events: readonly CarrierEvent[], now: number): Promise<CarrierEvent[]> {
	if (events.length === 0) return [];
	const added = await tx.query<{ ap: string; id: string }>(
		`INSERT INTO event (ap, id, kind, account, at, received_at, details)
		SELECT u.ap, u.id, u.kind, u.account, u.at, $7, u.details
		FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::jsonb[]) AS u(ap, id, kind, account, at, details)
		ORDER BY u.ap, u.id ON CONFLICT (ap, id) DO NOTHING RETURNING ap, id`,
		[
			events.map(({ ap }) => ap),
			events.map(({ id }) => id),
			events.map(({ kind }) => kind),
			events.map(({ account }) => account ?? null),
			events.map(({ at }) => at),
			events.map(({ details }) => JSON.stringify(details)),
			now,
		],
	);
	if (added.length === 0) return [];
	const names = new Set(added.map(({ ap, id }) => `${ap}/${id}`));
	const fresh = events.filter(({ ap, id }) => names.has(`${ap}/${id}`));
	await tx.query(
		`INSERT INTO delivery (subscription, name, body, made_at, due_at)
		SELECT s.id, e.ap || '/' || e.id,
			jsonb_build_object('kind', e.kind, 'id', e.id, 'ap', e.ap, 'account', e.account, 'at', e.at, 'details', e.details), $3, $3
		FROM event e JOIN subscription s ON e.kind = ANY (s.kinds) AND (s.account IS NULL OR s.account = e.account)
		WHERE s.target <> 'pull' AND (e.ap, e.id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
		ON CONFLICT (subscription, name) DO NOTHING`,
		[fresh.map(({ ap }) => ap), fresh.map(({ id }) => id), now],
	);
	return fresh;
}
