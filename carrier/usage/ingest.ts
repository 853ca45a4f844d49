import type { Event } from '../../protocol/event.ts';
import { sliceRequest, sliceReturn } from '../../protocol/event.ts';
import { check } from '../../protocol/shape.ts';
import { noteCredit } from '../account/credit-state.ts';
import type { Queryable } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';
import { chargeSlices, type SliceUse } from '../slice/charge-slices.ts';
import { giveSlice } from '../slice/give-slice.ts';
import { noteRestriction } from '../slice/restriction.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import { returnSlice } from '../slice/take-back.ts';
import { advanceStreams, type StreamAck } from './advance-streams.ts';
import { claimBatches } from './claim-batches.ts';
import type { Rate } from './rating.ts';
import type { BatchFate, ReceivedBatch } from './received-batch.ts';
import { noteRouted } from './route-records.ts';
import { addToTotals, type PlacedRecord, storeRecords } from './store-records.ts';
import { noteUnknown } from './unknown-accounts.ts';

export type IngestResult = {
	readonly fates: Map<ReceivedBatch, BatchFate>;
	readonly acks: readonly StreamAck[];
	/** Records that counted, and those that we had already. */
	readonly records: number;
	readonly repeatedRecords: number;
	readonly unknownAccounts: number;
};

/** What an ingest needs to know besides the batches. */
export type IngestTerms = { readonly rates: readonly Rate[]; readonly slices: SlicePolicy; readonly now: number };

/**
 * Takes batches of many access points in, in one transaction: each batch once, each record once, charges with the records that
 * cause them, events behind the records of their batch. Nothing is acknowledged that is not committed.
 */
export async function ingest(
	tx: Queryable,
	batches: readonly ReceivedBatch[],
	terms: IngestTerms,
): Promise<IngestResult> {
	const { rates, slices, now } = terms;
	const ordered = batches.toSorted((a, b) => orderOf(a, b));
	const fates = await claimBatches(tx, ordered, now);
	const fresh = ordered.filter((batch) => fates.get(batch) === 'new');
	const records = fresh.flatMap(({ usage }) => usage.records.map((record) => ({ ap: usage.ap, record })));
	const placed = await storeRecords(tx, records, rates, now);
	await addToTotals(tx, placed, now);
	await noteRouted(tx, placed, now);
	const payers = await chargeSlices(tx, usesOf(fresh, placed), now);
	await noteRestriction(tx, payers, now);
	for (const { usage } of fresh) await takeEvents(tx, usage.events, { fromBatch: true, slices, now });
	await noteCredit(tx, payers, now);
	const unknownAccounts = await noteUnknown(tx, placed, now);
	const streams = ordered.map(({ usage: { ap, stream } }) => ({ ap, stream }));
	const acks = await advanceStreams(tx, streams, now);
	return { fates, acks, records: placed.length, repeatedRecords: records.length - placed.length, unknownAccounts };
}

/** Events, each once; those that move credit do it here. A slice comes back only from a batch, behind its usage. */
export async function takeEvents(
	tx: Queryable,
	events: readonly Event[],
	{ fromBatch, slices, now }: { fromBatch: boolean; slices: SlicePolicy; now: number },
): Promise<void> {
	const fresh = new Set((await addEvents(tx, events, now)).map(({ id }) => id));
	for (const { ap, id, kind, account, details } of events) {
		if (kind === 'slice.request' && fresh.has(id)) {
			const asked = check(sliceRequest, details);
			if (!asked.ok || account === undefined) continue;
			await giveSlice(tx, { ap, request: id, account, wants: asked.value.wants }, slices, now);
		} else if (kind === 'slice.return' && fromBatch) {
			const given = check(sliceReturn, details);
			if (given.ok) await returnSlice(tx, { ap, ...given.value }, slices, now);
		}
	}
}

/** Everybody locks in one order. */
function orderOf({ usage: a }: ReceivedBatch, { usage: b }: ReceivedBatch): number {
	if (a.ap !== b.ap) return a.ap < b.ap ? -1 : 1;
	if (a.stream !== b.stream) return a.stream < b.stream ? -1 : 1;
	return a.sequence - b.sequence;
}

/** What was used of each slice, by the records that count. */
function usesOf(batches: readonly ReceivedBatch[], placed: readonly PlacedRecord[]): SliceUse[] {
	const counting = new Set(placed.map(({ record }) => record));
	const uses = new Map<string, SliceUse>();
	for (const { usage } of batches) {
		const { ap, stream, sequence } = usage;
		for (const record of usage.records) {
			const { slice, account, unit, amount, paid } = record;
			if (slice === undefined || unit !== 'byte' || !paid || amount === 0 || !counting.has(record)) continue;
			const name = `${ap}/${slice}`;
			const use = uses.get(name) ?? { slice, ap, account, amount: 0, stream, sequence };
			uses.set(name, { ...use, amount: use.amount + amount });
		}
	}
	return [...uses.values()].toSorted((a, b) => (a.slice < b.slice ? -1 : 1));
}
