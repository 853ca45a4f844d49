import type { UsageRecord } from '../../protocol/usage.ts';
import { boundedSum, type Queryable } from '../database/database.ts';
import type { Suspect } from '../review/add-reviews.ts';
import type { ReviewReason } from '../review/reasons.ts';
import { allowanceOf, type SliceRow } from '../slice/slice-row.ts';
import type { Named, Standing } from './standing.ts';

/** A record and who says so. */
export type SaidRecord = { readonly ap: string; readonly record: UsageRecord };

/**
 * Bytes, seconds or millionths of one record that are believed: 64 TiB are 6 days of 1 Gbit/s in one session. A larger one is not lost, a
 * person looks at it.
 */
export const RECORD_AMOUNT_MAX = 2 ** 46;

/** What is known of accounts, and which new names are more than an access point may have in an hour. */
type RecordStanding = Pick<Standing, 'lives' | 'isHost'> & { readonly isTooMany: (name: Named) => boolean };

export type Classified = {
	readonly good: readonly SaidRecord[];
	readonly suspects: readonly Suspect[];
	/** The slices that good records name, locked until the transaction ends. */
	readonly slices: ReadonlyMap<string, SliceRow>;
};

/**
 * Tells what may be booked from what is for a person. An account that lives here is only touched by an access point that had a slice of
 * it; a slice only by the access point and for the account that it was given to, up to what was given.
 */
export async function classifyRecords(
	tx: Queryable,
	records: readonly SaidRecord[],
	standing: RecordStanding,
): Promise<Classified> {
	const slices = await lockSlices(tx, records);
	const suspects: Suspect[] = [];
	const good: SaidRecord[] = [];
	for (const said of records) {
		const reason = reasonAgainst(said, standing, slices);
		if (reason === undefined) good.push(said);
		else suspects.push(suspectOf(said, reason));
	}
	return { ...(await withinSlices(tx, good, slices, suspects)), slices };
}

/** In the order in which everybody locks them. */
async function lockSlices(tx: Queryable, records: readonly SaidRecord[]): Promise<Map<string, SliceRow>> {
	const names = new Set(records.flatMap(({ record: { slice } }) => (slice === undefined ? [] : [slice])));
	if (names.size === 0) return new Map();
	const rows = await tx.query<SliceRow>(
		'SELECT * FROM slice WHERE slice = ANY ($1::text[]) ORDER BY account, slice FOR UPDATE',
		[[...names]],
	);
	return new Map(rows.map((row) => [row.slice, row]));
}

function reasonAgainst(
	{ ap, record }: SaidRecord,
	standing: RecordStanding,
	slices: ReadonlyMap<string, SliceRow>,
): ReviewReason | undefined {
	const { account, slice, unit, amount, upBytes, downBytes } = record;
	if (slice !== undefined) {
		const row = slices.get(slice);
		if (row === undefined) return 'unknown_slice';
		if (row.ap !== ap || row.member !== account) return 'foreign_slice';
	} else if (standing.lives({ ap, account }) && !standing.isHost({ ap, account })) return 'foreign_account';
	else if (standing.isTooMany({ ap, account })) return 'too_many_names';
	const isSum = unit !== 'byte' || amount === upBytes + downBytes;
	return isSum && Math.max(amount, upBytes, downBytes) <= RECORD_AMOUNT_MAX ? undefined : 'implausible';
}

/** Whether it takes from its slice. */
export function isCharged({ slice, unit, paid, amount }: UsageRecord): boolean {
	return slice !== undefined && unit === 'byte' && paid && amount > 0;
}

/** What goes beyond a slice is cut off. Records that we have already take nothing: where there is too much, they are looked up. */
async function withinSlices(
	tx: Queryable,
	good: readonly SaidRecord[],
	slices: ReadonlyMap<string, SliceRow>,
	suspects: Suspect[],
): Promise<Pick<Classified, 'good' | 'suspects'>> {
	const wanted = new Map<string, number>();
	for (const { record } of good) {
		if (!isCharged(record)) continue;
		const name = record.slice as string;
		wanted.set(name, boundedSum(wanted.get(name) ?? 0, record.amount));
	}
	const leftOf = (name: string) => allowanceOf(slices.get(name) as SliceRow);
	const short = new Map([...wanted].flatMap(([name, sum]) => (sum > leftOf(name) ? [[name, leftOf(name)]] : [])));
	if (short.size === 0) return { good, suspects };
	const isShort = ({ record }: SaidRecord) => isCharged(record) && short.has(record.slice as string);
	const stored = await storedAlready(tx, good.filter(isShort));
	const kept: SaidRecord[] = [];
	for (const said of good) {
		if (!isShort(said) || stored.has(nameOfRecord(said))) {
			kept.push(said);
			continue;
		}
		const { amount } = said.record;
		const name = said.record.slice as string;
		const left = short.get(name) as number;
		const covered = Math.min(amount, left);
		short.set(name, left - covered);
		if (covered > 0) kept.push({ ...said, record: cut(said.record, covered) });
		if (covered < amount) suspects.push({ ...suspectOf(said, 'beyond_slice'), amount: amount - covered });
	}
	return { good: kept, suspects };
}

function cut(record: UsageRecord, amount: number): UsageRecord {
	const upBytes = Math.min(record.upBytes, amount);
	return { ...record, amount, upBytes, downBytes: amount - upBytes };
}

async function storedAlready(tx: Queryable, records: readonly SaidRecord[]): Promise<Set<string>> {
	const rows = await tx.query<{ account: string; ap: string; id: string }>(
		`SELECT account, ap, id FROM usage_record
		WHERE (account, ap, id) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))`,
		[records.map(({ record }) => record.account), records.map(({ ap }) => ap), records.map(({ record }) => record.id)],
	);
	return new Set(rows.map((row) => JSON.stringify([row.account, row.ap, row.id])));
}

function nameOfRecord({ ap, record: { account, id } }: SaidRecord): string {
	return JSON.stringify([account, ap, id]);
}

export function suspectOf({ ap, record }: SaidRecord, reason: ReviewReason): Suspect {
	const { account, slice, amount } = record;
	// Names that somebody makes up are one entry together.
	if (reason === 'too_many_names') return { ap, reason, amount, sample: record };
	return { ap, reason, account, slice, amount, sample: record };
}
