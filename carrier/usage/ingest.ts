import type { Queryable } from '../database/database.ts';
import { isRefusal } from '../refusal.ts';
import { addReviews, type Suspect } from '../review/add-reviews.ts';
import { advanceStreams, type StreamAck } from './advance-streams.ts';
import { type Booked, bookRecords, type IngestTerms } from './book-records.ts';
import { claimBatches } from './claim-batches.ts';
import type { SaidRecord } from './classify-records.ts';
import type { BatchFate, ReceivedBatch } from './received-batch.ts';

export type IngestResult = {
	readonly fates: Map<ReceivedBatch, BatchFate>;
	readonly acks: readonly StreamAck[];
	/** Records that counted, and those that we had already. */
	readonly records: number;
	readonly repeatedRecords: number;
	readonly unknownAccounts: number;
	/** What was said and not booked: on the list for a person. */
	readonly suspects: readonly Suspect[];
};

/**
 * Takes batches of many access points in, in one transaction: each batch once, each record once, charges with the records that
 * cause them, events behind the records of their batch. What may not be booked goes on the list for a person and keeps nothing else from
 * being booked. Nothing is acknowledged that is not committed.
 *
 * @param options `oneByOne`: a record or event that the store refuses goes on the list, too. Slow: for a batch that failed as a whole
 */
export async function ingest(
	tx: Queryable,
	batches: readonly ReceivedBatch[],
	terms: IngestTerms,
	{ oneByOne = false }: { oneByOne?: boolean } = {},
): Promise<IngestResult> {
	const ordered = batches.toSorted((a, b) => orderOf(a, b));
	const fates = await claimBatches(tx, ordered, terms.now);
	const fresh = ordered.filter((batch) => fates.get(batch) === 'new');
	const content = {
		records: fresh.flatMap(({ usage: { ap, records } }) => records.map((record) => ({ ap, record }))),
		events: fresh.flatMap(({ usage }) => usage.events),
	};
	const booked = oneByOne ? await bookOneByOne(tx, content, terms) : await bookRecords(tx, content, terms);
	const suspects = [
		...fresh.flatMap(({ faulty }) => faulty),
		...booked.suspects,
		...ordered.flatMap((batch) => (fates.get(batch) === 'conflict' ? [conflictOf(batch)] : [])),
	];
	await addReviews(tx, suspects, terms.now);
	const streams = ordered.map(({ usage: { ap, stream } }) => ({ ap, stream }));
	const acks = await advanceStreams(tx, streams, terms.now);
	const { records, repeated: repeatedRecords, unknownAccounts } = booked;
	return { fates, acks, records, repeatedRecords, unknownAccounts, suspects };
}

type Content = Parameters<typeof bookRecords>[1];

/** Each by itself, so that one which the store refuses is the only one that is not booked. */
async function bookOneByOne(tx: Queryable, { records, events }: Content, terms: IngestTerms): Promise<Booked> {
	const parts: { content: Content; suspect: Suspect }[] = [
		...records.map((said) => ({ content: { records: [said], events: [] }, suspect: unstorable(said.ap, said) })),
		...events.map((event) => ({ content: { records: [], events: [event] }, suspect: unstorable(event.ap, event) })),
	];
	const sum = { records: 0, repeated: 0, unknownAccounts: 0, suspects: [] as Suspect[] };
	for (const { content, suspect } of parts) {
		await tx.query('SAVEPOINT one');
		try {
			const { records: count, repeated, unknownAccounts, suspects } = await bookRecords(tx, content, terms);
			sum.records += count;
			sum.repeated += repeated;
			sum.unknownAccounts += unknownAccounts;
			sum.suspects.push(...suspects);
		} catch (error) {
			if (!isRefusal(error)) throw error;
			await tx.query('ROLLBACK TO SAVEPOINT one');
			sum.suspects.push(suspect);
		}
		await tx.query('RELEASE SAVEPOINT one');
	}
	return sum;
}

function unstorable(ap: string, said: SaidRecord | object): Suspect {
	if (!('record' in said)) return { ap, reason: 'unstorable', sample: said };
	const { account, slice, amount } = said.record;
	return { ap, reason: 'unstorable', account, slice, amount, sample: said.record };
}

function conflictOf({ usage: { ap, stream, sequence, records } }: ReceivedBatch): Suspect {
	return { ap, reason: 'conflict', sample: { stream, sequence, records: records.length } };
}

/** Everybody locks in one order. */
function orderOf({ usage: a }: ReceivedBatch, { usage: b }: ReceivedBatch): number {
	if (a.ap !== b.ap) return a.ap < b.ap ? -1 : 1;
	if (a.stream !== b.stream) return a.stream < b.stream ? -1 : 1;
	return a.sequence - b.sequence;
}
