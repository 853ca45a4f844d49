import test from 'ava';
import { accountPicture } from '../../../carrier/account/accounts.ts';
import { balancesOf } from '../../../carrier/account/transfers.ts';
import type { Database } from '../../../carrier/database/database.ts';
import { GAP_PATIENCE_MS, noteAcknowledged, reportGaps } from '../../../carrier/usage/advance-streams.ts';
import { ingest } from '../../../carrier/usage/ingest.ts';
import type { ReceivedBatch } from '../../../carrier/usage/received-batch.ts';
import { verify } from '../../../carrier/verify.ts';
import { onBothDatabases } from '../databases.ts';
import { addAccessPoints, addFunded, batchOf, eventOf, MEBIBYTE, NOW, recordOf, STREAM, TERMS } from '../scene.ts';

const onBoth = onBothDatabases(test);

async function take(database: Database, batches: readonly ReceivedBatch[], now = NOW) {
	return await database.transaction(async (tx) => await ingest(tx, batches, { ...TERMS, now }));
}

async function usedBytes(database: Database, account = 'alice'): Promise<number> {
	const [row] = await database.query<{ amount: number }>(
		'SELECT coalesce(sum(amount), 0) AS amount FROM account_usage WHERE account = $1',
		[account],
	);
	return row?.amount ?? 0;
}

onBoth('a batch counts once, however often it comes, and is acknowledged each time', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	const batch = batchOf('cafe', 1, [recordOf({ id: 'a', amount: 700 }), recordOf({ id: 'b', amount: 300 })]);
	const first = await take(database, [batch]);
	t.deepEqual([...first.fates.values()], ['new']);
	t.deepEqual(first.acks, [{ ap: 'cafe', stream: STREAM, sequence: 1, digest: batch.digest }]);
	const again = await take(database, [batch, batch]);
	t.deepEqual([...again.fates.values()], ['repeated']);
	t.deepEqual(again.acks, first.acks);
	t.is(await usedBytes(database), 1000);
});

onBoth('the same batch twice in one transaction counts once', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	const one = batchOf('cafe', 1, [recordOf({ id: 'a' })]);
	const other = batchOf('cafe', 1, [recordOf({ id: 'a' })]);
	const { fates } = await take(database, [one, other]);
	t.deepEqual([...fates.values()], ['new', 'repeated']);
	t.is(await usedBytes(database), 1000);
});

onBoth('a record that comes in another batch, or another stream, counts no second time', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await take(database, [batchOf('cafe', 1, [recordOf({ id: 'a' })])]);
	const stream = 'f'.repeat(32);
	const later = await take(database, [
		batchOf('cafe', 1, [recordOf({ id: 'a' }), recordOf({ id: 'b', amount: 5 })], { stream }),
	]);
	t.is(later.records, 1);
	t.is(later.repeatedRecords, 1);
	t.is(await usedBytes(database), 1005);
});

onBoth(
	'batches that overtake each other are acknowledged only up to the first that is missing',
	async (t, database) => {
		await addAccessPoints(database, 'cafe');
		const batches = [1, 2, 3, 4].map((sequence) => batchOf('cafe', sequence, [recordOf({ id: `r${sequence}` })]));
		const [one, two, three, four] = batches as [ReceivedBatch, ReceivedBatch, ReceivedBatch, ReceivedBatch];
		t.deepEqual((await take(database, [two])).acks, []);
		t.like((await take(database, [one])).acks[0], { sequence: 2, digest: two.digest });
		t.like((await take(database, [four])).acks[0], { sequence: 2 });
		t.like((await take(database, [three])).acks[0], { sequence: 4, digest: four.digest });
		t.is(await usedBytes(database), 4000);
	},
);

onBoth(
	'another batch under a number that we have is a restored access point: reported, not counted',
	async (t, database) => {
		await addAccessPoints(database, 'cafe');
		const known = batchOf('cafe', 1, [recordOf({ id: 'a' })]);
		await take(database, [known]);
		const { fates, acks } = await take(database, [batchOf('cafe', 1, [recordOf({ id: 'z' })])]);
		t.deepEqual([...fates.values()], ['conflict']);
		t.is(acks[0]?.digest, known.digest, 'the access point learns which batch we have');
		t.is(await usedBytes(database), 1000);
		t.deepEqual(await database.query("SELECT kind, details FROM event WHERE ap = 'cafe' AND kind = 'usage.conflict'"), [
			{ kind: 'usage.conflict', details: { stream: STREAM, sequence: 1 } },
		]);
		t.is((await database.query('SELECT 1 FROM usage_conflict')).length, 1, 'the other batch is kept for a person');
	},
);

onBoth(
	'a platform that came back from a backup reports the gap, goes on, and counts what comes late',
	async (t, database) => {
		await addAccessPoints(database, 'cafe');
		await take(database, [batchOf('cafe', 1, [recordOf({ id: 'r1' })])]);
		t.like((await take(database, [batchOf('cafe', 5, [recordOf({ id: 'r5' })])])).acks[0], { sequence: 1 });
		const gapsAt = async (now: number) => (await database.transaction((tx) => reportGaps(tx, now))).gaps;
		t.is(await gapsAt(NOW + 100 * GAP_PATIENCE_MS), 0, 'the access point may have it yet, and send it again');
		const stream = STREAM;
		await database.transaction((tx) => noteAcknowledged(tx, { ap: 'cafe', stream, acknowledged: 4 }));
		await database.transaction((tx) => noteAcknowledged(tx, { ap: 'cafe', stream, acknowledged: 1 }));
		t.is(await gapsAt(NOW + GAP_PATIENCE_MS - 1), 0);
		const { acks, gaps } = await database.transaction((tx) => reportGaps(tx, NOW + GAP_PATIENCE_MS));
		t.is(gaps, 1);
		t.like(acks[0], { sequence: 5 });
		t.deepEqual(await database.query('SELECT first, last FROM usage_gap'), [{ first: 2, last: 4 }]);
		t.deepEqual(await database.query("SELECT details FROM event WHERE kind = 'usage.gap'"), [
			{ details: { stream: STREAM, first: 2, last: 4 } },
		]);
		await take(database, [batchOf('cafe', 3, [recordOf({ id: 'r3' })])]);
		t.is(await usedBytes(database), 3000);
	},
);

onBoth('only what an access point has deleted is a gap; what it has yet is waited for', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	for (const sequence of [1, 5]) await take(database, [batchOf('cafe', sequence, [recordOf({ id: `r${sequence}` })])]);
	await database.transaction((tx) => noteAcknowledged(tx, { ap: 'cafe', stream: STREAM, acknowledged: 2 }));
	const late = NOW + 100 * GAP_PATIENCE_MS;
	t.deepEqual(await database.transaction((tx) => reportGaps(tx, late)), { acks: [], gaps: 1 });
	t.deepEqual(await database.query('SELECT first, last FROM usage_gap'), [{ first: 2, last: 2 }]);
	t.is((await database.transaction((tx) => reportGaps(tx, 2 * late))).gaps, 0);
	for (const sequence of [3, 4]) await take(database, [batchOf('cafe', sequence, [recordOf({ id: `r${sequence}` })])]);
	t.like((await take(database, [batchOf('cafe', 6, [recordOf({ id: 'r6' })])])).acks[0], { sequence: 6 });
	t.is(await usedBytes(database), 5000);
});

onBoth(
	'usage of an account that the platform does not have is kept, counted, and reported once',
	async (t, database) => {
		await addAccessPoints(database, 'cafe');
		t.is(
			(await take(database, [batchOf('cafe', 1, [recordOf({ id: 'a' }), recordOf({ id: 'b' })])])).unknownAccounts,
			1,
		);
		t.is((await take(database, [batchOf('cafe', 2, [recordOf({ id: 'c' })])])).unknownAccounts, 0);
		t.is(await usedBytes(database), 3000);
		t.deepEqual(await database.query("SELECT details FROM event WHERE kind = 'account.unknown'"), [
			{ details: { count: 1, names: ['alice'] } },
		]);
		await take(database, [batchOf('cafe', 3, [recordOf({ id: 'd', account: 'bob' })])]);
		t.deepEqual(await database.query("SELECT details FROM event WHERE kind = 'account.unknown'"), [
			{ details: { count: 2, names: ['alice'] } },
		]);
	},
);

onBoth('usage of a name from before there was such an account is not that account’s', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await take(database, [batchOf('cafe', 1, [recordOf({ id: 'before' })])]);
	await addFunded(database, 'alice', MEBIBYTE);
	t.deepEqual((await accountPicture(database, 'alice')).usage, []);
	const request = eventOf('cafe', 'ask', 'slice.request', { wants: MEBIBYTE, remaining: 0, reason: 'first' });
	await take(database, [batchOf('cafe', 2, [], { events: [request] })]);
	const [{ slice } = { slice: '' }] = await database.query<{ slice: string }>('SELECT slice FROM slice');
	// What was said before, once more, and what is used now.
	await take(database, [
		batchOf('cafe', 3, [recordOf({ id: 'before' }), recordOf({ id: 'after', slice, amount: 500 })]),
	]);
	t.like((await accountPicture(database, 'alice')).usage[0], { class: 'own', amount: 500 });
	t.deepEqual(
		(await verify(database)).filter(({ broken }) => broken.length > 0),
		[],
	);
});

onBoth('a clock that is years away does not move usage out of sight', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await take(database, [
		batchOf('cafe', 1, [
			recordOf({ id: 'a', from: 0, to: 1, clockSet: true }),
			recordOf({ id: 'b', from: Number.MAX_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER }),
			recordOf({ id: 'c', clockSet: false, to: NOW - 7_200_000 }),
		]),
	]);
	t.deepEqual(await database.query("SELECT hour, amount FROM account_usage WHERE account = 'alice'"), [
		{ hour: Math.floor(NOW / 3_600_000) * 3_600_000, amount: 3000 },
	]);
});

onBoth('a transfer is never changed or removed, and a balance never falls below zero', async (t, database) => {
	await addFunded(database, 'alice', 100);
	await t.throwsAsync(() => database.query("UPDATE transfer SET amount = 1 WHERE account = 'alice'"), {
		message: /never changed/,
	});
	await t.throwsAsync(() => database.query('DELETE FROM transfer'), { message: /never changed/ });
	await t.throwsAsync(() => database.query('TRUNCATE transfer'), { message: /never changed/ });
	await t.throwsAsync(
		() =>
			database.query(`INSERT INTO transfer VALUES ('alice', 'x', 'byte', 'available', 'spent', 101, 'test', '{}', 0)`),
		{ message: /never_below_zero/ },
	);
	t.like(await balancesOf(database, 'alice', 'byte'), { issued: -100, available: 100, spent: 0 });
});
