import type { Queryable } from '../database/database.ts';
import { knownAccessPoints, SKEW_REPORTED_MS, takeState } from '../fleet/access-points.ts';
import { addEvents } from '../fleet/events.ts';
import { platformEventId } from '../fleet/message-name.ts';
import { type NotDone, takeReply } from '../fleet/take-reply.ts';
import { addReviews } from '../review/add-reviews.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import { type IngestResult, ingest } from '../usage/ingest.ts';
import { listRates } from '../usage/rates.ts';
import { takeEvents } from '../usage/take-events.ts';
import type { Refusal, UpMessage } from './door.ts';
import { SAY_EVERY_MS } from './hourly-log.ts';

export type Taken = {
	readonly accepted: readonly UpMessage[];
	readonly strangers: readonly UpMessage[];
	readonly ingested: IngestResult | undefined;
	readonly skewed: number;
	/** What access points answered that they did not do. */
	readonly notDone: readonly NotDone[];
	/** Something may have been put on its way down. */
	readonly mayAnswer: boolean;
};

/** Takes messages of many access points in one transaction. What is accepted is committed with it, or nothing is. */
export async function takeMessages(
	tx: Queryable,
	messages: readonly UpMessage[],
	{ slices, now, oneByOne = false }: { slices: SlicePolicy; now: number; oneByOne?: boolean },
): Promise<Taken> {
	const known = await knownAccessPoints(tx, [...new Set(messages.map(({ ap }) => ap))]);
	const accepted = messages.filter(({ ap }) => known.has(ap));
	const batches = accepted.flatMap((message) => (message.kind === 'usage' ? [message.batch] : []));
	const states = accepted.flatMap((message) => (message.kind === 'state' ? [message.state] : []));
	// Rows of access points are locked in one order.
	for (const state of states.toSorted((a, b) => (a.ap < b.ap ? -1 : 1))) await takeState(tx, state, now);
	const ingested =
		batches.length === 0
			? undefined
			: await ingest(tx, batches, { rates: await listRates(tx), slices, now }, { oneByOne });
	const notDone: NotDone[] = [];
	for (const message of accepted) {
		if (message.kind === 'event')
			await addReviews(tx, await takeEvents(tx, [message.event], { fromBatch: false, slices, now }), now);
		if (message.kind !== 'reply') continue;
		const found = await takeReply(tx, message.reply, slices, now);
		if (found !== undefined) notDone.push(found);
	}
	return {
		accepted,
		strangers: messages.filter(({ ap }) => !known.has(ap)),
		ingested,
		notDone,
		mayAnswer: accepted.some(
			(message) =>
				message.kind !== 'usage' ||
				message.batch.usage.events.length > 0 ||
				message.batch.usage.records.some(({ slice }) => slice !== undefined),
		),
		skewed: states.filter(({ at, clockSet, online }) => clockSet && online && Math.abs(at - now) > SKEW_REPORTED_MS)
			.length,
	};
}

/** Says that something was refused, once an hour for each access point and reason: whoever floods us must not fill the store. */
export async function noteRefusals(
	tx: Queryable,
	refusals: readonly { ap: string | undefined; reason: Refusal; topic: string }[],
	now: number,
): Promise<void> {
	const names = refusals.flatMap(({ ap }) => (ap === undefined ? [] : [ap]));
	const known = await knownAccessPoints(tx, names);
	const hour = Math.floor(now / SAY_EVERY_MS);
	const events = refusals.map(({ ap, reason, topic }) => ({
		ap: ap !== undefined && known.has(ap) ? ap : '',
		id: platformEventId('refused', reason, hour),
		kind: 'message.refused',
		at: now,
		// A part of a surrogate pair, which a cut may leave, is no text that the store takes.
		details: { reason, topic: topic.replace(/[^\x20-\x7e]/g, '?').slice(0, 100) },
	}));
	await addEvents(tx, [...new Map(events.map((event) => [`${event.ap}/${event.id}`, event])).values()], now);
}
