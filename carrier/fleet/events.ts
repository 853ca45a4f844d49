import { EVENT_KINDS } from '../../protocol/event.ts';
import type { Queryable } from '../database/database.ts';
import { PLATFORM_EVENT_KINDS } from '../subscription/event-kinds.ts';
import { platformEventId } from './message-name.ts';

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

/**
 * Events of one kind, and of all kinds that we do not know together, that are stored one by one of what one access point says or causes in an hour.
 * It makes up ids, names and kinds as it likes. The busiest venues have some hundred of one kind.
 */
export const HOURLY_EVENTS_MAX = 500;
const HOUR_MS = 3_600_000;
/** Names that an event of many has: enough to see what it is about. */
const NAMES_SHOWN_MAX = 5;
/** Stands for all kinds that only the access point knows. */
const OTHER_KINDS = 'other';

/**
 * Stores what is new of these, and puts it on its way to whoever subscribed to it. What is more than an access point may add in an hour is counted
 * in one event (`event.many`) with the first few. Answers the new ones, and those that were only counted: perhaps not for the first time.
 */
export async function addEvents(tx: Queryable, events: readonly CarrierEvent[], now: number): Promise<CarrierEvent[]> {
	if (events.length === 0) return [];
	const { kept, rest } = await bounded(tx, events, now);
	await addCounted(tx, summariesOf(rest, now), now);
	const added =
		kept.length === 0
			? []
			: await tx.query<{ ap: string; id: string }>(
					`INSERT INTO event (ap, id, kind, account, at, received_at, details)
		SELECT u.ap, u.id, u.kind, u.account, u.at, $7, u.details
		FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::jsonb[]) AS u(ap, id, kind, account, at, details)
		ORDER BY u.ap, u.id ON CONFLICT (ap, id) DO NOTHING RETURNING ap, id`,
					[
						kept.map(({ ap }) => ap),
						kept.map(({ id }) => id),
						kept.map(({ kind }) => kind),
						kept.map(({ account }) => account ?? null),
						kept.map(({ at }) => at),
						kept.map(({ details }) => JSON.stringify(details)),
						now,
					],
				);
	if (added.length === 0) return [...rest];
	const names = new Set(added.map(({ ap, id }) => `${ap}/${id}`));
	const fresh = kept.filter(({ ap, id }) => names.has(`${ap}/${id}`));
	await deliver(tx, fresh, now);
	return [...fresh, ...rest];
}

/** An event that stands for many: what has happened so often, of which the first few are named. */
export type CountedEvent = {
	readonly ap: string;
	/** One row: what is counted under it later only adds to its count. */
	readonly id: string;
	readonly kind: string;
	readonly names: readonly string[];
	readonly about: object;
};

/** Adds to the counts of events that stand for many. The first time it is an event like others, and on its way to whoever subscribed. */
export async function addCounted(tx: Queryable, events: readonly CountedEvent[], now: number): Promise<void> {
	if (events.length === 0) return;
	const details = events.map(({ names, about }) => ({
		...about,
		count: names.length,
		names: names.slice(0, NAMES_SHOWN_MAX),
	}));
	const rows = await tx.query<{ ap: string; id: string; isNew: boolean }>(
		`INSERT INTO event (ap, id, kind, at, received_at, details)
		SELECT u.ap, u.id, u.kind, $5, $5, u.details FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[]) AS u(ap, id, kind, details)
		ORDER BY u.ap, u.id ON CONFLICT (ap, id) DO UPDATE SET details = jsonb_set(event.details, '{count}',
			to_jsonb((event.details->>'count')::bigint + (EXCLUDED.details->>'count')::bigint))
		RETURNING ap, id, (xmax = 0) AS "isNew"`,
		[
			events.map(({ ap }) => ap),
			events.map(({ id }) => id),
			events.map(({ kind }) => kind),
			details.map((one) => JSON.stringify(one)),
			now,
		],
	);
	const fresh = rows.filter(({ isNew }) => isNew);
	if (fresh.length > 0) await deliver(tx, fresh, now);
}

/** What may still be stored one by one of these events of access points; what the platform says of itself (an empty `ap`) is its own. */
async function bounded(
	tx: Queryable,
	events: readonly CarrierEvent[],
	now: number,
): Promise<{ kept: readonly CarrierEvent[]; rest: readonly CarrierEvent[] }> {
	const aps = [...new Set(events.map(({ ap }) => ap))].filter((ap) => ap !== '');
	if (aps.length === 0) return { kept: events, rest: [] };
	const rows = await tx.query<{ ap: string; kind: string; count: number }>(
		'SELECT ap, kind, count(*) AS count FROM event WHERE ap = ANY ($1::text[]) AND received_at >= $2 GROUP BY ap, kind',
		[aps, hourOf(now) * HOUR_MS],
	);
	const counts = new Map<string, number>();
	const add = (ap: string, kind: string, count: number): number => {
		const key = `${ap} ${groupOf(kind)}`;
		counts.set(key, (counts.get(key) ?? 0) + count);
		return counts.get(key) as number;
	};
	for (const { ap, kind, count } of rows) add(ap, kind, count);
	const isWithin = ({ ap, kind }: CarrierEvent) => ap === '' || add(ap, kind, 1) <= HOURLY_EVENTS_MAX;
	const within = events.map(isWithin);
	return { kept: events.filter((_, index) => within[index]), rest: events.filter((_, index) => !within[index]) };
}

function summariesOf(events: readonly CarrierEvent[], now: number): CountedEvent[] {
	const summaries = new Map<string, CountedEvent & { names: string[] }>();
	for (const { ap, id, kind, account } of events) {
		const group = groupOf(kind);
		const key = `${ap} ${group}`;
		const summary = summaries.get(key) ?? {
			ap,
			id: platformEventId('many', group, hourOf(now)),
			kind: 'event.many',
			about: { kind: group },
			names: [] as string[],
		};
		summary.names.push(account ?? id);
		summaries.set(key, summary);
	}
	return [...summaries.values()];
}

function groupOf(kind: string): string {
	return Object.hasOwn(EVENT_KINDS, kind) || Object.hasOwn(PLATFORM_EVENT_KINDS, kind) ? kind : OTHER_KINDS;
}

function hourOf(now: number): number {
	return Math.floor(now / HOUR_MS);
}

async function deliver(tx: Queryable, fresh: readonly { ap: string; id: string }[], now: number): Promise<void> {
	await tx.query(
		`INSERT INTO delivery (subscription, name, body, made_at, due_at)
		SELECT s.id, e.ap || '/' || e.id,
			jsonb_build_object('kind', e.kind, 'id', e.id, 'ap', e.ap, 'account', e.account, 'at', e.at, 'details', e.details), $3, $3
		FROM event e JOIN subscription s ON e.kind = ANY (s.kinds) AND (s.account IS NULL OR s.account = e.account)
		WHERE s.target <> 'pull' AND (e.ap, e.id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
		ON CONFLICT (subscription, name) DO NOTHING`,
		[fresh.map(({ ap }) => ap), fresh.map(({ id }) => id), now],
	);
}
