import test from 'ava';
import { addTransfers, balancesOf } from '../../../carrier/account/transfers.ts';
import { allowancePicture, putAllowance, resetAllowance, resetDue } from '../../../carrier/allowance/allowances.ts';
import { nextReset } from '../../../carrier/allowance/next-reset.ts';
import type { Database } from '../../../carrier/database/database.ts';
import { putPlan } from '../../../carrier/sale/plans.ts';
import { topUp } from '../../../carrier/sale/top-up.ts';
import { giveSlice } from '../../../carrier/slice/give-slice.ts';
import { noteRestriction } from '../../../carrier/slice/restriction.ts';
import { ingest } from '../../../carrier/usage/ingest.ts';
import { grant } from '../../../protocol/grant.ts';
import { check } from '../../../protocol/shape.ts';
import { onBothDatabases } from '../databases.ts';
import { addAccessPoints, addFunded, batchOf, eventOf, MEBIBYTE, NOW, recordOf, SLICES, TERMS } from '../scene.ts';

const onBoth = onBothDatabases(test);
const DAY_MS = 86_400_000;
const TOTAL = 16 * MEBIBYTE;

async function share(database: Database, restrictBelow = 0): Promise<void> {
	await addAccessPoints(database, 'cafe', 'hotel');
	for (const account of ['family', 'alice', 'bob']) await addFunded(database, account, 0);
	const members = [
		{ account: 'alice', weight: 3 },
		{ account: 'bob', weight: 1 },
	];
	const restriction = { kind: 'throttle', bytesPerSecond: 100_000 } as const;
	await database.transaction((tx) =>
		putAllowance(
			tx,
			{ account: 'family', total: TOTAL, restrictBelow, restriction, resetEvery: 'day', members },
			SLICES,
			NOW,
		),
	);
}

async function ask(database: Database, ap: string, account: string, request: string) {
	return await database.transaction((tx) => giveSlice(tx, { ap, request, account, wants: TOTAL }, SLICES, NOW));
}

async function use(
	database: Database,
	ap: string,
	sequence: number,
	account: string,
	slice: string,
	amount: number,
): Promise<void> {
	const events = [eventOf(ap, `b${sequence}`, 'slice.return', { slice, returned: 0, reason: 'expired' })];
	const records = [recordOf({ id: `r${sequence}`, account, slice, amount })];
	await database.transaction((tx) => ingest(tx, [batchOf(ap, sequence, records, { events })], TERMS));
}

onBoth('members share what is left by weight, anew at each request, wherever they are', async (t, database) => {
	await share(database);
	t.like(await ask(database, 'cafe', 'bob', 'b1'), { outcome: 'given', amount: 4 * MEBIBYTE });
	t.like(
		await ask(database, 'hotel', 'alice', 'a1'),
		{ outcome: 'given', amount: 8 * MEBIBYTE },
		'three quarters of 12, at most 8',
	);
	t.like(await ask(database, 'cafe', 'bob', 'b2'), { outcome: 'given', amount: MEBIBYTE });
	const picture = await allowancePicture(database, 'family');
	t.deepEqual(
		picture.shares.map(({ account, held, limit }) => ({ account, held, limit })),
		[
			{ account: 'alice', held: 8 * MEBIBYTE, limit: 8 * MEBIBYTE + 2.25 * MEBIBYTE },
			{ account: 'bob', held: 5 * MEBIBYTE, limit: 5 * MEBIBYTE + 0.75 * MEBIBYTE },
		],
	);
	t.is(picture.remaining, TOTAL);
	t.like(await balancesOf(database, 'family', 'byte'), { slices: 13 * MEBIBYTE, available: 3 * MEBIBYTE });
});

onBoth(
	'below the threshold whoever spends is slowed down, above it no more, and both are told once',
	async (t, database) => {
		await share(database, 10 * MEBIBYTE);
		const given = await ask(database, 'cafe', 'alice', 'a1');
		if (given.outcome === 'refused') return t.fail();
		await ask(database, 'hotel', 'bob', 'b1');
		await use(database, 'cafe', 1, 'alice', given.slice, 8 * MEBIBYTE);
		const told = await database.query("SELECT ap, body FROM down_message WHERE kind = 'command' ORDER BY sequence");
		t.deepEqual(told, [
			{
				ap: 'hotel',
				body: { command: 'throttle', account: 'bob', upBytesPerSecond: 100_000, downBytesPerSecond: 100_000 },
			},
		]);
		const next = await ask(database, 'cafe', 'alice', 'a2');
		if (next.outcome === 'refused') return t.fail();
		t.like(
			(
				await database.query<{ body: object }>("SELECT body FROM down_message WHERE id = 'give-' || $1", [next.slice])
			)[0]?.body,
			{ paceNow: { upBytesPerSecond: 100_000, downBytesPerSecond: 100_000 } },
			'a new slice is slow from its first byte',
		);
		t.is((await database.query("SELECT 1 FROM down_message WHERE ap = 'cafe' AND kind = 'command'")).length, 0);
		await database.transaction((tx) => resetAllowance(tx, 'family', SLICES, NOW + 1));
		t.deepEqual(
			await database.query(
				"SELECT body FROM down_message WHERE ap = 'hotel' AND kind = 'command' ORDER BY sequence DESC LIMIT 1",
			),
			[{ body: { command: 'throttle', account: 'bob' } }],
		);
		t.deepEqual(await database.query("SELECT kind FROM event WHERE kind LIKE 'allowance.%' ORDER BY received_at"), [
			{ kind: 'allowance.restricted' },
			{ kind: 'allowance.unrestricted' },
		]);
	},
);

onBoth(
	'a reset brings the balance to its total, whatever is out; it comes when it is due, once',
	async (t, database) => {
		await share(database);
		const given = await ask(database, 'cafe', 'bob', 'b1');
		if (given.outcome === 'refused') return t.fail();
		await use(database, 'cafe', 1, 'bob', given.slice, MEBIBYTE);
		t.is((await allowancePicture(database, 'family')).shares[1]?.used, MEBIBYTE);
		t.is(await database.transaction((tx) => resetDue(tx, SLICES, NOW + 1)), 0);
		t.is(await database.transaction((tx) => resetDue(tx, SLICES, NOW + DAY_MS)), 1);
		t.is(await database.transaction((tx) => resetDue(tx, SLICES, NOW + DAY_MS)), 0);
		const picture = await allowancePicture(database, 'family');
		t.is(picture.remaining, TOTAL);
		t.is(picture.shares[1]?.used, 0);
		t.is(picture.nextResetAt, nextReset('day', NOW + DAY_MS) ?? null);
	},
);

onBoth('whoever was refused gets a slice as soon as there is credit', async (t, database) => {
	await share(database);
	await database.query(
		`INSERT INTO transfer VALUES ('family', 'gone', 'byte', 'available', 'spent', ${TOTAL}, 'test', '{}', 0)`,
	);
	t.like(await ask(database, 'cafe', 'alice', 'a1'), { outcome: 'refused', why: 'empty' });
	await database.transaction((tx) => resetAllowance(tx, 'family', SLICES, NOW + 1));
	t.deepEqual(await database.query("SELECT member, ap FROM slice WHERE state = 'given'"), [
		{ member: 'alice', ap: 'cafe' },
	]);
});

onBoth('a restriction makes nobody faster than it was sold, and the grant has both speeds', async (t, database) => {
	await share(database, TOTAL);
	const pace = { upBytesPerSecond: 40_000, downBytesPerSecond: 900_000 };
	const plan = { name: 'slow', title: 'Slow', unit: 'byte', amount: MEBIBYTE, atEnd: 'block', pace };
	await putPlan(database, plan, NOW);
	const sale = { shop: 'kiosk', transaction: '1', account: 'family', plan: 'slow' };
	await database.transaction((tx) => topUp(tx, sale, SLICES, NOW));
	await database.transaction((tx) =>
		addTransfers(tx, [
			{
				account: 'family',
				id: 'gone',
				unit: 'byte',
				from: 'available',
				to: 'spent',
				amount: MEBIBYTE + 1,
				kind: 'test',
				about: {},
				at: NOW,
			},
		]),
	);
	await database.transaction((tx) => noteRestriction(tx, ['family'], NOW));
	await ask(database, 'cafe', 'alice', 'a1');
	const [given] = await database.query<{ body: object }>("SELECT body FROM down_message WHERE kind = 'grant'");
	const paceNow = { upBytesPerSecond: 40_000, downBytesPerSecond: 100_000 };
	t.like(given?.body, { pace, paceNow });
	t.true(check(grant, given?.body).ok);
	await database.query('UPDATE allowance SET is_restricted = false');
	await database.transaction((tx) => noteRestriction(tx, ['family'], NOW + 1));
	t.deepEqual(await database.query("SELECT body FROM down_message WHERE kind = 'command'"), [
		{ body: { command: 'throttle', account: 'alice', ...paceNow } },
	]);
});

onBoth('nothing is sold to a member, who would never spend it; to the allowance it is', async (t, database) => {
	await share(database);
	const sale = { shop: 'kiosk', transaction: '1', credit: { unit: 'byte', amount: 1000 } } as const;
	const sell = (account: string) => database.transaction((tx) => topUp(tx, { ...sale, account }, SLICES, NOW));
	await t.throwsAsync(() => sell('alice'), { code: 'not_spendable', message: /shared allowance family/ });
	t.like(await balancesOf(database, 'alice', 'byte'), { issued: 0, available: 0 });
	t.is((await sell('family')).outcome, 'done');
	t.like(await balancesOf(database, 'family', 'byte'), { available: TOTAL + 1000 });
});

onBoth('nobody shares two allowances, or its own', async (t, database) => {
	await share(database);
	await addFunded(database, 'other', 0);
	for (const account of ['alice', 'other']) {
		const members = [{ account, weight: 1 }];
		const terms = {
			account: 'other',
			total: 1,
			restrictBelow: 0,
			restriction: { kind: 'none' },
			resetEvery: 'never',
			members,
		} as const;
		await t.throwsAsync(() => database.transaction((tx) => putAllowance(tx, terms, SLICES, NOW)), {
			message: /spends another allowance/,
		});
	}
});

test('cycles begin at midnight, on Mondays and on the first, in UTC', (t) => {
	const now = Date.UTC(2026, 10, 20, 15, 30);
	t.is(nextReset('day', now), Date.UTC(2026, 10, 21));
	t.is(nextReset('week', now), Date.UTC(2026, 10, 23));
	t.is(nextReset('week', Date.UTC(2026, 10, 23)), Date.UTC(2026, 10, 30));
	t.is(nextReset('month', Date.UTC(2026, 11, 31, 23)), Date.UTC(2027, 0, 1));
	t.is(nextReset('never', now), undefined);
});
