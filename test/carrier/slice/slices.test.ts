import test from 'ava';
import { noteCredit } from '../../../carrier/account/credit-state.ts';
import { addTransfer, balancesOf } from '../../../carrier/account/transfers.ts';
import type { Database } from '../../../carrier/database/database.ts';
import { listReviews, settleReview } from '../../../carrier/review/reviews.ts';
import { ACCEPTED_LATE_MS, giveSlice } from '../../../carrier/slice/give-slice.ts';
import { SLICE_POLICY } from '../../../carrier/slice/slice-policy.ts';
import { arrivedSlice, expireSlices, releaseSlice, unarrivedSlice } from '../../../carrier/slice/take-back.ts';
import { ingest } from '../../../carrier/usage/ingest.ts';
import { grant } from '../../../protocol/grant.ts';
import { check } from '../../../protocol/shape.ts';
import type { UsageRecord } from '../../../protocol/usage.ts';
import { onBothDatabases } from '../databases.ts';
import { addAccessPoints, addFunded, batchOf, eventOf, MEBIBYTE, NOW, recordOf, SLICES, TERMS } from '../scene.ts';

const onBoth = onBothDatabases(test);

async function ask(database: Database, ap: string, request: string, wants = MEBIBYTE, now = NOW) {
	return await database.transaction(
		async (tx) => await giveSlice(tx, { ap, request, account: 'alice', wants }, SLICES, now),
	);
}

async function given(database: Database, ap: string, request: string): Promise<string> {
	const answer = await ask(database, ap, request);
	if (answer.outcome === 'refused') throw new Error(answer.why);
	return answer.slice;
}

async function report(
	database: Database,
	ap: string,
	sequence: number,
	slice: string,
	amount: number,
	returned?: number,
) {
	const records: UsageRecord[] = amount === 0 ? [] : [recordOf({ id: `${slice}-${sequence}`, slice, amount })];
	const events =
		returned === undefined
			? []
			: [eventOf(ap, `back-${slice}-${sequence}`, 'slice.return', { slice, returned, reason: 'expired' })];
	await database.transaction(async (tx) => await ingest(tx, [batchOf(ap, sequence, records, { events })], TERMS));
}

async function downBodies(database: Database, ap: string): Promise<unknown[]> {
	const rows = await database.query<{ body: unknown }>(
		'SELECT body FROM down_message WHERE ap = $1 ORDER BY sequence',
		[ap],
	);
	return rows.map(({ body }) => body);
}

onBoth('a slice leaves the balance before its grant is sent, and asking twice gives it once', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', 10 * MEBIBYTE);
	const slice = await given(database, 'cafe', 'ask-1');
	t.like(await ask(database, 'cafe', 'ask-1'), { outcome: 'exists', slice, amount: MEBIBYTE });
	t.like(await balancesOf(database, 'alice', 'byte'), { available: 9 * MEBIBYTE, slices: MEBIBYTE });
	const bodies = await downBodies(database, 'cafe');
	t.deepEqual(bodies, [
		{ kind: 'give', slice, account: 'alice', unit: 'byte', amount: MEBIBYTE, validForSeconds: 600, request: 'ask-1' },
	]);
	t.true(check(grant, bodies[0]).ok);
});

onBoth('usage and return account for a slice to the last byte, in either order', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', 10 * MEBIBYTE);
	const first = await given(database, 'cafe', 'ask-1');
	await report(database, 'cafe', 1, first, 1000);
	await report(database, 'cafe', 2, first, 0, MEBIBYTE - 1000);
	const second = await given(database, 'cafe', 'ask-2');
	await report(database, 'cafe', 4, second, 0, MEBIBYTE - 500);
	await report(database, 'cafe', 3, second, 500);
	t.like(await balancesOf(database, 'alice', 'byte'), { available: 10 * MEBIBYTE - 1500, slices: 0, spent: 1500 });
	t.deepEqual(await database.query('SELECT DISTINCT state FROM slice'), [{ state: 'closed' }]);
});

onBoth(
	'what comes back cannot be more than what is out, and only from the access point that has it',
	async (t, database) => {
		await addAccessPoints(database, 'cafe', 'liar');
		await addFunded(database, 'alice', 10 * MEBIBYTE);
		const slice = await given(database, 'cafe', 'ask-1');
		await report(database, 'liar', 1, slice, 0, MEBIBYTE);
		t.like(await balancesOf(database, 'alice', 'byte'), { slices: MEBIBYTE });
		await report(database, 'cafe', 1, slice, 1000);
		await report(database, 'cafe', 2, slice, 0, 50 * MEBIBYTE);
		t.like(await balancesOf(database, 'alice', 'byte'), { available: 10 * MEBIBYTE - 1000, slices: 0, spent: 1000 });
	},
);

onBoth('requests of many access points at once never give more than the balance', async (t, database) => {
	const names = Array.from({ length: 20 }, (_, index) => `ap-${index}`);
	await addAccessPoints(database, ...names);
	await addFunded(database, 'alice', 10 * MEBIBYTE);
	const requests = names.flatMap((ap) => [1, 2, 3].map((number) => ask(database, ap, `ask-${number}`, 4 * MEBIBYTE)));
	const answers = await Promise.all(requests);
	const sum = answers.reduce((total, answer) => total + (answer.outcome === 'refused' ? 0 : answer.amount), 0);
	t.is(sum, 10 * MEBIBYTE, 'all of it is out, and no more');
	t.like(await balancesOf(database, 'alice', 'byte'), { available: 0, slices: 10 * MEBIBYTE });
	t.true(answers.some(({ outcome }) => outcome === 'refused'));
});

onBoth(
	'whoever finds nothing left is told so, and the largest slice of another one is called back',
	async (t, database) => {
		await addAccessPoints(database, 'cafe', 'hotel');
		await addFunded(database, 'alice', MEBIBYTE);
		const slice = await given(database, 'cafe', 'ask-1');
		const late = NOW + SLICES.revokeAfterMs;
		t.deepEqual(await ask(database, 'hotel', 'ask-1', MEBIBYTE, late), { outcome: 'refused', why: 'empty' });
		t.deepEqual(await downBodies(database, 'hotel'), [
			{ kind: 'deny', request: 'ask-1', account: 'alice', reason: 'empty' },
		]);
		t.deepEqual((await downBodies(database, 'cafe'))[1], { kind: 'revoke', slice });
		await report(database, 'cafe', 1, slice, 1000);
		await report(database, 'cafe', 2, slice, 0, MEBIBYTE - 1000);
		t.like(await ask(database, 'hotel', 'ask-2'), { outcome: 'given', amount: MEBIBYTE - 1000 });
	},
);

onBoth('an unknown or blocked account gets nothing', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	t.deepEqual(await ask(database, 'cafe', 'ask-1'), { outcome: 'refused', why: 'unknown' });
	await addFunded(database, 'alice', MEBIBYTE);
	await database.query("UPDATE account SET state = 'blocked'");
	t.deepEqual(await ask(database, 'cafe', 'ask-2'), { outcome: 'refused', why: 'blocked' });
});

const AFTER_END = NOW + ACCEPTED_LATE_MS + SLICES.deliveryMs + SLICES.validForSeconds * 1000 + SLICES.reportMs;

onBoth('hold: the slice of a silent access point stays out until it says what it used', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', 10 * MEBIBYTE);
	const slice = await given(database, 'cafe', 'ask-1');
	const expire = (now: number) => database.transaction((tx) => expireSlices(tx, SLICES, now));
	t.is(await expire(AFTER_END - 1), 0);
	t.is(await expire(AFTER_END), 1);
	t.is(await expire(AFTER_END), 0);
	t.like(await balancesOf(database, 'alice', 'byte'), { slices: MEBIBYTE });
	t.is((await database.query("SELECT 1 FROM event WHERE kind = 'slice.silent'")).length, 1);
	t.deepEqual((await downBodies(database, 'cafe')).at(-1), { kind: 'revoke', slice });
	await report(database, 'cafe', 1, slice, 1000, MEBIBYTE - 1000);
	t.like(await balancesOf(database, 'alice', 'byte'), { available: 10 * MEBIBYTE - 1000, slices: 0, spent: 1000 });
});

onBoth(
	'release: the credit is back at the end, and what was used all the same is charged when it is told',
	async (t, database) => {
		await addAccessPoints(database, 'cafe', 'hotel');
		await addFunded(database, 'alice', 1500);
		const slice = await given(database, 'cafe', 'ask-1');
		await database.transaction((tx) => expireSlices(tx, { ...SLICES, silent: 'release' }, AFTER_END));
		t.like(await balancesOf(database, 'alice', 'byte'), { available: 1500, slices: 0 });
		await database.query(
			`INSERT INTO transfer VALUES ('alice', 'x', 'byte', 'available', 'spent', 900, 'test', '{}', 0)`,
		);
		await report(database, 'cafe', 1, slice, 1000, 500);
		t.like(await balancesOf(database, 'alice', 'byte'), { available: 0, slices: 0, spent: 1900, issued: -1900 });
		t.deepEqual(await database.query("SELECT amount FROM transfer WHERE kind = 'house-pays'"), [{ amount: 400 }]);
		t.deepEqual(await database.query("SELECT details FROM event WHERE kind = 'slice.late'"), [
			{ details: { slice, charged: 600, house: 400 } },
		]);
	},
);

onBoth('usage of a slice that a restored platform forgot is for a person, who may charge it', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', 5000);
	await report(database, 'cafe', 1, 's-forgotten', 2000);
	t.like(await balancesOf(database, 'alice', 'byte'), { available: 5000, spent: 0 });
	const [entry] = await listReviews(database, { after: 0, limit: 10, isSettled: false });
	t.like(entry, { ap: 'cafe', reason: 'unknown_slice', account: 'alice', slice: 's-forgotten', amount: 2000 });
	const settle = (charge: number) =>
		database.transaction((tx) => settleReview(tx, { id: entry?.id ?? 0, by: 'grace', charge }, NOW));
	await t.throwsAsync(() => settle(5001), { message: /has 5000 bytes/ });
	t.is(await settle(2000), 'done');
	t.is(await settle(2000), 'exists');
	await t.throwsAsync(() => settle(1000), { message: /settled before/ });
	t.like(await balancesOf(database, 'alice', 'byte'), { available: 3000, spent: 2000 });
	t.deepEqual(await listReviews(database, { after: 0, limit: 10, isSettled: false }), []);
});

onBoth(
	'a slice that never arrived is free again at once; one that did ends when its validity does',
	async (t, database) => {
		await addAccessPoints(database, 'cafe');
		await addFunded(database, 'alice', 10 * MEBIBYTE);
		const lost = await given(database, 'cafe', 'ask-1');
		await database.transaction((tx) => unarrivedSlice(tx, { ap: 'cafe', slice: lost }, SLICES, NOW));
		t.like(await balancesOf(database, 'alice', 'byte'), { available: 10 * MEBIBYTE, slices: 0 });
		const slice = await given(database, 'cafe', 'ask-2');
		await database.transaction((tx) => arrivedSlice(tx, { ap: 'cafe', slice }, SLICES, NOW + 100));
		const [row] = await database.query<{ expires_at: number }>('SELECT expires_at FROM slice WHERE slice = $1', [
			slice,
		]);
		t.is(row?.expires_at, NOW + 100 + SLICES.validForSeconds * 1000 + SLICES.reportMs);
		await t.throwsAsync(() => database.transaction((tx) => releaseSlice(tx, slice, SLICES, NOW)), {
			message: /still valid/,
		});
		await database.transaction((tx) => releaseSlice(tx, slice, SLICES, AFTER_END));
		t.like(await balancesOf(database, 'alice', 'byte'), { available: 10 * MEBIBYTE, slices: 0 });
	},
);

onBoth('out of credit and restored are told once each', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', 1000);
	const slice = await given(database, 'cafe', 'ask-1');
	await report(database, 'cafe', 1, slice, 1000);
	const told = async () =>
		await database.query("SELECT kind FROM event WHERE kind LIKE 'credit.%' ORDER BY received_at, id");
	t.deepEqual(await told(), [{ kind: 'credit.out' }], 'the first credit restores nothing');
	const transfer = { account: 'alice', id: 'more', unit: 'byte', from: 'issued', to: 'available', amount: 1 } as const;
	await addTransfer(database, { ...transfer, kind: 'top-up', about: {}, at: NOW });
	await noteCredit(database, ['alice'], NOW + 3_600_000);
	t.deepEqual(await told(), [{ kind: 'credit.out' }, { kind: 'credit.restored' }]);
	t.true(SLICE_POLICY.amountMin > 0);
});
