import test from 'ava';
import { balancesOf } from '../../../carrier/account/transfers.ts';
import type { Database } from '../../../carrier/database/database.ts';
import { HOURLY_EVENTS_MAX } from '../../../carrier/fleet/events.ts';
import { OPEN_MAX } from '../../../carrier/review/add-reviews.ts';
import { listReviews } from '../../../carrier/review/reviews.ts';
import { giveSlice } from '../../../carrier/slice/give-slice.ts';
import { RECORD_AMOUNT_MAX } from '../../../carrier/usage/classify-records.ts';
import { ingest } from '../../../carrier/usage/ingest.ts';
import { HOUR_AMOUNT_MAX } from '../../../carrier/usage/usage-totals.ts';
import { verify } from '../../../carrier/verify.ts';
import type { Event } from '../../../protocol/event.ts';
import type { UsageRecord } from '../../../protocol/usage.ts';
import { onBothDatabases } from '../databases.ts';
import { addAccessPoints, addFunded, batchOf, eventOf, MEBIBYTE, NOW, recordOf, SLICES, TERMS } from '../scene.ts';

const onBoth = onBothDatabases(test);

type Said = {
	readonly records?: readonly UsageRecord[];
	readonly events?: readonly Event[];
	readonly oneByOne?: boolean;
};

let sequence = 0;
async function say(database: Database, ap: string, { records = [], events = [], oneByOne = false }: Said) {
	const batch = batchOf(ap, ++sequence, records, { events, stream: sequence.toString(16).padStart(32, '0') });
	return await database.transaction(
		async (tx) => await ingest(tx, [{ ...batch, usage: { ...batch.usage, sequence: 1 } }], TERMS, { oneByOne }),
	);
}

async function given(database: Database, ap: string, account = 'alice'): Promise<{ slice: string; amount: number }> {
	const request = { ap, request: `ask-${++sequence}`, account, wants: MEBIBYTE };
	const answer = await database.transaction((tx) => giveSlice(tx, request, SLICES, NOW));
	if (answer.outcome === 'refused') throw new Error(answer.why);
	return answer;
}

/** Two access points; alice and bob are guests of the honest one, erin is the rogue one's. */
async function scene(database: Database): Promise<{ foreign: string; own: { slice: string; amount: number } }> {
	await addAccessPoints(database, 'honest', 'rogue');
	for (const account of ['alice', 'bob', 'erin']) await addFunded(database, account, 10 * MEBIBYTE);
	return { foreign: (await given(database, 'honest')).slice, own: await given(database, 'rogue', 'erin') };
}

async function reasons(database: Database): Promise<unknown[]> {
	const rows = await listReviews(database, { after: 0, limit: 500, isSettled: false });
	return rows.map(({ ap, reason, account, records, amount }) => [ap, reason, account, records, amount]);
}

async function usedOf(database: Database, account: string): Promise<number> {
	const sql = 'SELECT coalesce(sum(amount), 0)::bigint AS amount FROM account_usage WHERE account = $1';
	return (await database.query<{ amount: number }>(sql, [account]))[0]?.amount ?? Number.NaN;
}

for (const [what, lie, reason, amount] of [
	['a made-up slice', () => recordOf({ id: 'x', slice: 's-made-up' }), 'unknown_slice', 1000],
	["another access point's slice", (foreign: string) => recordOf({ id: 'x', slice: foreign }), 'foreign_slice', 1000],
	['no slice, paid', () => recordOf({ id: 'x' }), 'foreign_account', 1000],
	['no slice, for nothing', () => recordOf({ id: 'x', paid: false, class: 'free' }), 'foreign_account', 1000],
	['time', () => recordOf({ id: 'x', unit: 'second', downBytes: 0 }), 'foreign_account', 1000],
	['2^50 bytes', () => recordOf({ id: 'x', amount: 2 ** 50 }), 'foreign_account', 2 ** 50],
] as const) {
	onBoth(
		`usage of a stranger's account is for a person, and the rest of the batch counts: ${what}`,
		async (t, database) => {
			const { foreign } = await scene(database);
			const good = recordOf({ id: 'good', account: 'local' });
			const { acks, records } = await say(database, 'rogue', { records: [lie(foreign), good] });
			t.is(acks.length, 1, 'the batch is acknowledged');
			t.is(records, 1);
			t.deepEqual(await reasons(database), [['rogue', reason, 'alice', 1, amount]]);
			t.is(await usedOf(database, 'alice'), 0);
			t.is(await usedOf(database, 'local'), 1000);
			t.like(await balancesOf(database, 'alice', 'byte'), { available: 9 * MEBIBYTE, slices: MEBIBYTE, spent: 0 });
		},
	);
}

onBoth(
	'of a slice counts what it had; what goes beyond is cut off, and a repetition takes nothing',
	async (t, database) => {
		const { own } = await scene(database);
		const first = recordOf({ id: 'a', account: 'erin', slice: own.slice, amount: own.amount - 100 });
		const second = recordOf({ id: 'b', account: 'erin', slice: own.slice, amount: 300 });
		await say(database, 'rogue', { records: [first] });
		await say(database, 'rogue', { records: [first, second] });
		t.deepEqual(await reasons(database), [['rogue', 'beyond_slice', 'erin', 1, 200]]);
		t.is(await usedOf(database, 'erin'), own.amount);
		t.like(await balancesOf(database, 'erin', 'byte'), { slices: 0, spent: own.amount });
		await say(database, 'rogue', { records: [recordOf({ id: 'c', account: 'erin', slice: own.slice, amount: 7 })] });
		t.deepEqual(await reasons(database), [['rogue', 'beyond_slice', 'erin', 2, 207]]);
		t.deepEqual(
			(await verify(database)).filter(({ broken }) => broken.length > 0),
			[],
		);
	},
);

onBoth('sums stay in what a number holds exactly, whatever is said of an hour', async (t, database) => {
	await scene(database);
	const most = (id: number) => recordOf({ id: `r${id}`, account: 'room-1', amount: RECORD_AMOUNT_MAX });
	const count = HOUR_AMOUNT_MAX / RECORD_AMOUNT_MAX;
	await say(database, 'rogue', { records: Array.from({ length: count }, (_, id) => most(id)) });
	t.is(await usedOf(database, 'room-1'), HOUR_AMOUNT_MAX);
	await say(database, 'rogue', {
		records: [most(count), recordOf({ id: 'large', account: 'room-1', amount: RECORD_AMOUNT_MAX + 1 })],
	});
	await say(database, 'honest', { records: [recordOf({ id: 'one', account: 'room-1' })] });
	t.is(await usedOf(database, 'room-1'), HOUR_AMOUNT_MAX + 1000);
	t.deepEqual(await reasons(database), [['rogue', 'implausible', 'room-1', 2, 2 * RECORD_AMOUNT_MAX + 1]]);
	t.deepEqual(
		(await verify(database)).filter(({ broken }) => broken.length > 0),
		[],
	);
});

for (const [what, event, reason] of [
	['out of credit of a stranger', eventOf('rogue', 'e', 'credit.out', {}, 'alice'), 'foreign_event'],
	['what only the platform says', eventOf('rogue', 'e', 'usage.gap', {}, 'local'), 'foreign_event'],
	['a request that is none', eventOf('rogue', 'e', 'slice.request', { wants: 'all' }, 'erin'), 'malformed'],
	[
		'a return of a slice of nobody',
		eventOf('rogue', 'e', 'slice.return', { slice: 's-none', returned: 5, reason: 'expired' }, 'erin'),
		'foreign_return',
	],
] as const) {
	onBoth(`an event that is for a person: ${what}`, async (t, database) => {
		await scene(database);
		const { acks } = await say(database, 'rogue', { events: [event, eventOf('rogue', 'good', 'alert', {}, 'local')] });
		t.is(acks.length, 1);
		t.deepEqual(
			(await listReviews(database, { after: 0, limit: 9, isSettled: false })).map((one) => one.reason),
			[reason],
		);
		t.is((await database.query("SELECT 1 FROM event WHERE id = 'good'")).length, 1);
	});
}

onBoth(
	'what the store refuses is for a person when a batch is taken one by one, and the rest counts once',
	async (t, database) => {
		await scene(database);
		const bad = eventOf('rogue', 'bad', 'fault', { what: '\u0000' }, 'local');
		const records = [recordOf({ id: 'a', account: 'local' }), recordOf({ id: 'b', account: 'local' })];
		await t.throwsAsync(() => say(database, 'rogue', { records, events: [bad] }));
		const { acks, records: count } = await say(database, 'rogue', { records, events: [bad], oneByOne: true });
		t.deepEqual([acks.length, count], [1, 2]);
		t.is(await usedOf(database, 'local'), 2000);
		t.deepEqual(await reasons(database), [['rogue', 'unstorable', '', 1, 0]]);
	},
);

onBoth('made-up names of one access point do not fill the list', async (t, database) => {
	await scene(database);
	for (let round = 0; round < 2; round++) {
		const records = Array.from({ length: 300 }, (_, id) =>
			recordOf({ id: `${round}-${id}`, slice: `s-${round}-${id}` }),
		);
		await say(database, 'rogue', { records });
	}
	await say(database, 'honest', { records: [recordOf({ id: 'x', slice: 's-other' })] });
	const rows = await listReviews(database, { after: 0, limit: 1000, isSettled: false });
	t.is(rows.filter(({ ap }) => ap === 'rogue').length, OPEN_MAX + 1);
	t.is(rows.find(({ reason }) => reason === 'overflow')?.records, 100);
	t.is(rows.filter(({ ap }) => ap === 'honest').length, 1, 'another one has a list of its own');
	const told = await database.query("SELECT 1 FROM event WHERE kind = 'usage.suspect' AND ap = 'rogue'");
	t.is(told.length, HOURLY_EVENTS_MAX);
});
