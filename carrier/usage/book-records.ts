import type { Event } from '../../protocol/event.ts';
import { noteCredit } from '../account/credit-state.ts';
import type { Queryable } from '../database/database.ts';
import type { Suspect } from '../review/add-reviews.ts';
import { chargeSlices, type SliceUse } from '../slice/charge-slices.ts';
import { noteRestriction } from '../slice/restriction.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import type { SliceRow } from '../slice/slice-row.ts';
import { classifyRecords, isCharged, type SaidRecord, suspectOf } from './classify-records.ts';
import type { Rate } from './rating.ts';
import { noteRouted } from './route-records.ts';
import { newStrangers, noteStrangers, standingOf } from './standing.ts';
import { type PlacedRecord, storeRecords, unstoreRecords } from './store-records.ts';
import { takeEvents } from './take-events.ts';
import { addToTotals } from './usage-totals.ts';

/** What an ingest needs to know besides the batches. */
export type IngestTerms = { readonly rates: readonly Rate[]; readonly slices: SlicePolicy; readonly now: number };

export type Booked = {
	/** Records that count. */
	readonly records: number;
	/** Those that we had already. */
	readonly repeated: number;
	readonly unknownAccounts: number;
	readonly suspects: readonly Suspect[];
};

/** Books records and the charges that they cause, and then events: each record once. What may not be booked is answered. */
export async function bookRecords(
	tx: Queryable,
	{ records, events }: { records: readonly SaidRecord[]; events: readonly Event[] },
	{ rates, slices: policy, now }: IngestTerms,
): Promise<Booked> {
	const named = records.map(({ ap, record: { account } }) => ({ ap, account }));
	const standing = await standingOf(tx, named);
	const { admitted, tooMany } = await newStrangers(tx, standing.strangers, now);
	const { good, suspects, slices } = await classifyRecords(tx, records, { ...standing, isTooMany: tooMany });
	const stored = await storeRecords(tx, good, rates, now);
	const tooMuch = await addToTotals(tx, stored, standing, now);
	if (tooMuch.length > 0) await unstoreRecords(tx, tooMuch);
	const refused = new Set(tooMuch);
	const placed = stored.filter((one) => !refused.has(one));
	await noteRouted(tx, placed, now);
	const payers = await chargeSlices(tx, usesOf(placed, slices), now);
	await noteRestriction(tx, payers, now);
	const doubted = await takeEvents(tx, events, { fromBatch: true, slices: policy, now });
	await noteCredit(tx, payers, now);
	return {
		records: placed.length,
		repeated: good.length - stored.length,
		unknownAccounts: await noteStrangers(tx, admitted, now),
		suspects: [...suspects, ...tooMuch.map((one) => suspectOf(one, 'implausible')), ...doubted],
	};
}

/** What was used of each slice, by the records that count, in the order in which slices are locked. */
function usesOf(placed: readonly PlacedRecord[], slices: ReadonlyMap<string, SliceRow>): SliceUse[] {
	const uses = new Map<string, SliceUse>();
	for (const { record } of placed) {
		if (!isCharged(record)) continue;
		const slice = slices.get(record.slice as string) as SliceRow;
		const use = uses.get(slice.slice) ?? { slice, amount: 0, record: record.id };
		uses.set(slice.slice, { ...use, amount: use.amount + record.amount });
	}
	return [...uses.values()].toSorted((a, b) => (a.slice.slice < b.slice.slice ? -1 : 1));
}
