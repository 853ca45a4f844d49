import { boundedSum, type Queryable, SUM_MAX } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';
import { platformEventId } from '../fleet/message-name.ts';
import type { ReviewReason } from './reasons.ts';

/** Something that an access point said and that is not booked. */
export type Suspect = {
	readonly ap: string;
	readonly reason: ReviewReason;
	readonly account?: string | undefined;
	readonly slice?: string | undefined;
	/** Bytes, seconds or millionths that are not booked. */
	readonly amount?: number;
	/** What was said. */
	readonly sample: unknown;
};

/** Open entries of one access point: a person reads a few; a rogue one that makes up names must not fill the store. */
export const OPEN_MAX = 500;
/** Of what was said, as text. A record has 400. */
const SAMPLE_CHARACTERS_MAX = 1000;

type Entry = {
	ap: string;
	reason: ReviewReason;
	account: string;
	slice: string;
	records: number;
	amount: number;
	sample: string;
};

/**
 * Puts these on the list for a person: one entry for each access point, reason, account and slice, with a count and the first that was
 * said. A new entry is an event (`usage.suspect`). Answers how many entries are new.
 */
export async function addReviews(tx: Queryable, suspects: readonly Suspect[], now: number): Promise<number> {
	if (suspects.length === 0) return 0;
	const entries = await bounded(tx, grouped(suspects));
	const rows = await tx.query<{
		id: number;
		ap: string;
		reason: string;
		account: string;
		slice: string;
		isNew: boolean;
	}>(
		`INSERT INTO review (ap, reason, account, slice, records, amount, sample, first_at, last_at)
		SELECT u.ap, u.reason, u.account, u.slice, u.records, u.amount, u.sample, $8::bigint, $8::bigint
		FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])
			AS u(ap, reason, account, slice, records, amount, sample)
		ORDER BY u.ap, u.reason, u.account, u.slice
		ON CONFLICT (ap, reason, account, slice) WHERE settled_at IS NULL DO UPDATE
			SET records = least(review.records + EXCLUDED.records, $9::bigint),
				amount = least(review.amount + EXCLUDED.amount, $9::bigint), last_at = EXCLUDED.last_at
		RETURNING id, ap, reason, account, slice, (xmax = 0) AS "isNew"`,
		[
			entries.map(({ ap }) => ap),
			entries.map(({ reason }) => reason),
			entries.map(({ account }) => account),
			entries.map(({ slice }) => slice),
			entries.map(({ records }) => records),
			entries.map(({ amount }) => amount),
			entries.map(({ sample }) => sample),
			now,
			SUM_MAX,
		],
	);
	const fresh = rows.filter(({ isNew }) => isNew);
	// The account is not named: whoever follows its credit is not told by somebody who has nothing to do with it.
	const events = fresh.map(({ id, ap, reason, account, slice }) => ({
		ap,
		id: platformEventId('review', id),
		kind: 'usage.suspect',
		at: now,
		details: { review: id, reason, account, slice },
	}));
	await addEvents(tx, events, now);
	return fresh.length;
}

function grouped(suspects: readonly Suspect[]): Map<string, Entry> {
	const entries = new Map<string, Entry>();
	for (const { ap, reason, account = '', slice = '', amount = 0, sample } of suspects) {
		const key = keyOf({ ap, reason, account, slice });
		const found = entries.get(key);
		if (found === undefined) {
			entries.set(key, { ap, reason, account, slice, records: 1, amount, sample: sampleText(sample) });
		} else {
			found.records += 1;
			found.amount = boundedSum(found.amount, amount);
		}
	}
	return entries;
}

/** What is new beyond the limit of its access point becomes one entry. */
async function bounded(tx: Queryable, entries: Map<string, Entry>): Promise<Entry[]> {
	const aps = [...new Set([...entries.values()].map(({ ap }) => ap))];
	const open = await tx.query<{ ap: string; count: number }>(
		'SELECT ap, count(*) AS count FROM review WHERE ap = ANY ($1::text[]) AND settled_at IS NULL GROUP BY ap',
		[aps],
	);
	const room = new Map(aps.map((ap) => [ap, OPEN_MAX - (open.find((row) => row.ap === ap)?.count ?? 0)]));
	const counts = new Map<string, number>();
	for (const { ap } of entries.values()) counts.set(ap, (counts.get(ap) ?? 0) + 1);
	if (aps.every((ap) => (counts.get(ap) ?? 0) <= (room.get(ap) as number))) return [...entries.values()];
	const known = await tx.query<{ ap: string; reason: ReviewReason; account: string; slice: string }>(
		'SELECT ap, reason, account, slice FROM review WHERE ap = ANY ($1::text[]) AND settled_at IS NULL',
		[aps],
	);
	const isKnown = new Set(known.map(keyOf));
	const kept = new Map<string, Entry>();
	for (const [key, entry] of entries) {
		const left = room.get(entry.ap) as number;
		if (isKnown.has(key) || left > 0) {
			kept.set(key, entry);
			if (!isKnown.has(key)) room.set(entry.ap, left - 1);
			continue;
		}
		const rest = { ...entry, reason: 'overflow' as const, account: '', slice: '' };
		const before = kept.get(keyOf(rest));
		if (before === undefined) kept.set(keyOf(rest), rest);
		else {
			before.records += entry.records;
			before.amount = boundedSum(before.amount, entry.amount);
		}
	}
	return [...kept.values()];
}

function keyOf({ ap, reason, account, slice }: Pick<Entry, 'ap' | 'reason' | 'account' | 'slice'>): string {
	return JSON.stringify([ap, reason, account, slice]);
}

/** JSON escapes whatever no database stores as text: zero bytes, and halves of characters. */
function sampleText(sample: unknown): string {
	try {
		const text = JSON.stringify(sample) ?? 'nothing';
		// A cut must not leave half a character.
		return text.slice(0, SAMPLE_CHARACTERS_MAX).replace(/[\ud800-\udbff]$/, '');
	} catch (error) {
		if (error instanceof RangeError) return 'too deep to be shown';
		throw error;
	}
}
