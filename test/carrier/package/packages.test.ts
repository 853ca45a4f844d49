import test from 'ava';
import { balancesOf } from '../../../carrier/account/transfers.ts';
import { putAllowance, resetAllowance } from '../../../carrier/allowance/allowances.ts';
import type { Database } from '../../../carrier/database/database.ts';
import { expireDuePackages } from '../../../carrier/package/expire-packages.ts';
import { listReviews, settleReview } from '../../../carrier/review/reviews.ts';
import { putPlan } from '../../../carrier/sale/plans.ts';
import { topUp } from '../../../carrier/sale/top-up.ts';
import { giveSlice } from '../../../carrier/slice/give-slice.ts';
import { arrivedSlice } from '../../../carrier/slice/take-back.ts';
import { ingest } from '../../../carrier/usage/ingest.ts';
import { verify } from '../../../carrier/verify.ts';
import { grant } from '../../../protocol/grant.ts';
import { check } from '../../../protocol/shape.ts';
import type { WirePlan } from '../../../protocol/terms.ts';
import { onBothDatabases } from '../databases.ts';
import { startApi } from '../http/running-api.ts';
import { addAccessPoints, addFunded, batchOf, eventOf, MEBIBYTE, NOW, recordOf, SLICES, TERMS } from '../scene.ts';

const onBoth = onBothDatabases(test);
const HOUR_MS = 3_600_000;
const DAY: WirePlan = {
	name: 'day',
	title: 'A day',
	unit: 'byte',
	amount: 4 * MEBIBYTE,
	atEnd: 'block',
	validForSeconds: 86_400,
	pace: { downBytesPerSecond: 500_000 },
};
const HOUR: WirePlan = { ...DAY, name: 'hour', amount: 2 * MEBIBYTE, validForSeconds: 3600, pace: {} };

async function sell(database: Database, plan: WirePlan, transaction: string, now = NOW, account = 'alice') {
	await putPlan(database, plan, now);
	const sale = { shop: 'kiosk', transaction, account, plan: plan.name };
	return await database.transaction((tx) => topUp(tx, sale, SLICES, now));
}

async function ask(database: Database, request: string, wants = MEBIBYTE, now = NOW, ap = 'cafe') {
	return await database.transaction((tx) => giveSlice(tx, { ap, request, account: 'alice', wants }, SLICES, now));
}

async function given(database: Database, request: string, wants = MEBIBYTE, now = NOW) {
	const answer = await ask(database, request, wants, now);
	if (answer.outcome === 'refused') throw new Error(answer.why);
	const [row] = await database.query<{ body: Record<string, unknown> }>(
		"SELECT body FROM down_message WHERE id = 'give-' || $1",
		[answer.slice],
	);
	return { slice: answer.slice, body: row?.body ?? {} };
}

async function report(database: Database, sequence: number, slice: string, used: number, back: number, now = NOW) {
	const events = [eventOf('cafe', `back-${sequence}`, 'slice.return', { slice, returned: back, reason: 'expired' })];
	const records = used === 0 ? [] : [recordOf({ id: `r-${sequence}`, slice, amount: used })];
	await database.transaction((tx) => ingest(tx, [batchOf('cafe', sequence, records, { events })], { ...TERMS, now }));
}

const left = async (database: Database) =>
	Object.fromEntries(
		(await database.query<{ plan: string; available: number }>('SELECT plan, available FROM package')).map((row) => [
			row.plan,
			row.available,
		]),
	);
const broken = async (database: Database) => (await verify(database)).filter((verdict) => verdict.broken.length > 0);

for (const [what, terms, faults] of [
	['of time', { unit: 'second', amount: 3600 }, ['unit']],
	['of money', { unit: 'micro', tariff: 'call' }, ['unit']],
	['that ends in a throttle', { atEnd: 'throttle', throttleBytesPerSecond: 1000 }, ['atEnd']],
	['with a grace allowance', { grace: { unit: 'byte', amount: 1 } }, ['grace']],
	[
		'for two stations, of a rule for tethering, and live',
		{ stationsMax: 2, tethered: { rule: 'blocked' }, live: true },
		['stationsMax', 'tethered', 'live'],
	],
	['that renews', { renews: true }, ['renews']],
	['that extends', { addOn: true }, ['addOn']],
] as const) {
	onBoth(`a plan ${what} is not sold to an account that lives here; nothing is taken`, async (t, database) => {
		const api = await startApi(database);
		await addAccessPoints(database, 'cafe');
		await addFunded(database, 'alice', 0);
		await api.ask('PUT', '/v1/plans', { ...DAY, ...terms });
		const sale = { shop: 'kiosk', transaction: '1', account: 'alice', plan: 'day' };
		for (const answer of [
			await api.ask('POST', '/v1/sales', sale),
			await api.ask('POST', '/v1/voucher-batches', { batch: 'may', count: 1, plan: 'day' }),
		]) {
			t.is(answer.statusCode, 409);
			const { code, fix, faults: said } = answer.json().error;
			t.is(code, 'not_spendable');
			t.regex(fix, /\(`ap`\)/);
			t.deepEqual(
				said.map((fault: string) => fault.split(':')[0]),
				faults,
			);
		}
		t.deepEqual(await database.query('SELECT 1 FROM transfer UNION ALL SELECT 1 FROM voucher'), []);
		const there = await api.ask('POST', '/v1/sales', { ...sale, account: 'local', ap: 'cafe' });
		t.is(there.json().outcome, 'sent', 'where it can be spent, it is sold');
		await api.stop();
	});
}

onBoth(
	'credit of time or money is refused, and a code of it that was made before is not used up',
	async (t, database) => {
		const api = await startApi(database);
		await addFunded(database, 'alice', 0);
		for (const unit of ['second', 'micro']) {
			const credit = { unit, amount: 60 };
			const sale = { shop: 'kiosk', transaction: '1', account: 'alice', credit };
			t.is((await api.ask('POST', '/v1/sales', sale)).json().error.code, 'not_spendable');
			const order = { batch: 'may', count: 1, credit };
			t.is((await api.ask('POST', '/v1/voucher-batches', order)).json().error.code, 'not_spendable');
		}
		const order = { batch: 'may', count: 1, credit: { unit: 'byte', amount: 60 } };
		const [code] = (await api.ask('POST', '/v1/voucher-batches', order)).json().codes;
		await database.query("UPDATE voucher SET unit = 'second'");
		const answer = await api.ask('POST', '/v1/vouchers/redeem', { code, account: 'alice' });
		t.is(answer.json().error.code, 'not_spendable');
		t.deepEqual(await database.query('SELECT state FROM voucher'), [{ state: 'new' }]);
		t.deepEqual(await database.query('SELECT 1 FROM transfer'), []);
		await api.stop();
	},
);

onBoth('what was sold before stays sold, when the plan is one that would be refused now', async (t, database) => {
	await addFunded(database, 'alice', 0);
	t.is((await sell(database, DAY, '1')).outcome, 'done');
	t.is((await sell(database, { ...DAY, stationsMax: 2 }, '1')).outcome, 'exists');
	await t.throwsAsync(() => sell(database, { ...DAY, stationsMax: 2 }, '2'), { code: 'not_spendable' });
	t.deepEqual(await left(database), { day: DAY.amount });
});

onBoth('slices are cut from what ends soonest, with its speed, and never outlive it', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', 10 * MEBIBYTE);
	await sell(database, DAY, '1');
	await sell(database, { ...HOUR, amount: MEBIBYTE + 500 }, '2');
	const first = await given(database, 'a');
	t.like(first.body, { amount: MEBIBYTE, validForSeconds: 600, endsAt: NOW + HOUR_MS });
	t.false('pace' in first.body);
	t.true(check(grant, first.body).ok);
	t.like((await given(database, 'b')).body, { amount: 500 }, 'the rest of the package');
	const late = NOW + 86_400_000 - 90_500;
	const paced = await given(database, 'c', MEBIBYTE, late);
	t.like(paced.body, {
		amount: MEBIBYTE,
		validForSeconds: 90,
		endsAt: NOW + 86_400_000,
		pace: { downBytesPerSecond: 500_000 },
	});
	t.true(check(grant, paced.body).ok);
	await database.transaction((tx) => arrivedSlice(tx, { ap: 'cafe', slice: paced.slice }, SLICES, late));
	t.deepEqual(await database.query('SELECT expires_at FROM slice WHERE slice = $1', [paced.slice]), [
		{ expires_at: late + 90_000 + SLICES.reportMs },
	]);
	const plain = await given(database, 'd', MEBIBYTE, NOW + 86_400_000);
	t.deepEqual(Object.keys(plain.body).toSorted(), [
		...['account', 'amount', 'kind', 'request', 'slice', 'unit', 'validForSeconds'],
	]);
	t.deepEqual(await broken(database), []);
});

onBoth('a validity from the first use begins with the first slice', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', 0);
	await sell(database, { ...HOUR, validFrom: 'first_use' }, '1');
	t.is(await expireDuePackages(database, NOW + 1000 * HOUR_MS), 0);
	const later = NOW + 1000 * HOUR_MS;
	t.like((await given(database, 'a', MEBIBYTE, later)).body, { endsAt: later + HOUR_MS });
	t.like((await given(database, 'b', MEBIBYTE, later + 5000)).body, { endsAt: later + HOUR_MS });
});

onBoth('what is left at the end lapses by a transfer, and so does what comes back after it', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', 0);
	await sell(database, HOUR, '1');
	const { slice } = await given(database, 'a');
	const end = NOW + HOUR_MS;
	t.is(await expireDuePackages(database, end - 1), 0);
	t.is(await expireDuePackages(database, end), 1);
	t.is(await expireDuePackages(database, end), 0);
	t.like(await balancesOf(database, 'alice', 'byte'), { available: 0, slices: MEBIBYTE, lapsed: MEBIBYTE });
	t.like(await ask(database, 'b', MEBIBYTE, end), { outcome: 'refused', why: 'empty' });
	await report(database, 1, slice, 1000, MEBIBYTE - 1000, end);
	t.like(await balancesOf(database, 'alice', 'byte'), {
		issued: -2 * MEBIBYTE,
		available: 0,
		slices: 0,
		spent: 1000,
		lapsed: 2 * MEBIBYTE - 1000,
	});
	const kinds = (await database.query<{ kind: string }>('SELECT kind FROM event WHERE account = $1', ['alice'])).map(
		({ kind }) => kind,
	);
	t.true(kinds.includes('package.expired') && kinds.includes('credit.out'));
	t.deepEqual(await broken(database), []);
});

onBoth('what comes back in time can be spent again, from the package that it was cut from', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', 0);
	await sell(database, DAY, '1');
	await sell(database, HOUR, '2');
	const { slice } = await given(database, 'a');
	await report(database, 1, slice, 1000, MEBIBYTE - 1000);
	t.deepEqual(await left(database), { day: DAY.amount, hour: HOUR.amount - 1000 });
	t.deepEqual(await broken(database), []);
});

onBoth('what a person charges and a reset take from packages, the soonest first', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', MEBIBYTE);
	await sell(database, DAY, '1');
	await sell(database, HOUR, '2');
	await report(database, 1, 's-forgotten', HOUR.amount + 1000, 0);
	const [entry] = await listReviews(database, { after: 0, limit: 1, isSettled: false });
	const settled = { id: entry?.id ?? 0, by: 'grace', charge: HOUR.amount + 1000 };
	await database.transaction((tx) => settleReview(tx, settled, NOW));
	t.deepEqual(await left(database), { day: DAY.amount - 1000, hour: 0 });
	const terms = { account: 'alice', restrictBelow: 0, restriction: { kind: 'none' }, resetEvery: 'never' } as const;
	await database.transaction((tx) => putAllowance(tx, { ...terms, total: 500, members: [] }, SLICES, NOW));
	t.deepEqual(await left(database), { day: 0, hour: 0 });
	t.like(await balancesOf(database, 'alice', 'byte'), { available: 500 });
	await database.transaction((tx) => resetAllowance(tx, 'alice', SLICES, NOW));
	t.like(await balancesOf(database, 'alice', 'byte'), { available: 500 });
	t.deepEqual(await broken(database), []);
});

onBoth('a code keeps the terms that its plan had when it was made', async (t, database) => {
	const api = await startApi(database);
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', 0);
	await api.ask('PUT', '/v1/plans', DAY);
	const order = { batch: 'may', count: 1, plan: 'day' };
	const [code] = (await api.ask('POST', '/v1/voucher-batches', order)).json().codes;
	await api.ask('PUT', '/v1/plans', { ...DAY, amount: 1, validForSeconds: 5 });
	t.is((await api.ask('POST', '/v1/vouchers/redeem', { code, account: 'alice' })).json().outcome, 'done');
	const { packages } = (await api.ask('GET', '/v1/accounts/alice')).json();
	t.like(packages[0], {
		plan: 'day',
		amount: DAY.amount,
		available: DAY.amount,
		expiresAt: NOW + 86_400_000,
		pace: { downBytesPerSecond: 500_000 },
	});
	await api.stop();
});

onBoth('whatever is sold, given, used, returned and expired: the books balance to the byte', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', MEBIBYTE);
	let seed = 7;
	const pick = (below: number) => {
		seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
		return (seed >>> 8) % below;
	};
	const open: { slice: string; amount: number }[] = [];
	let now = NOW;
	for (let step = 0; step < 120; step++) {
		now += pick(3_000_000);
		const kind = pick(4);
		if (kind === 0) await sell(database, pick(2) === 0 ? DAY : { ...HOUR, validFrom: 'first_use' }, `s${step}`, now);
		if (kind === 1) {
			const answer = await ask(database, `a${step}`, 1 + pick(2 * MEBIBYTE), now);
			if (answer.outcome === 'given') open.push(answer);
		}
		if (kind === 2 && open.length > 0) {
			const [{ slice, amount }] = open.splice(pick(open.length), 1) as [{ slice: string; amount: number }];
			const used = pick(3) === 0 ? amount + 500 : pick(amount);
			await report(database, step + 1, slice, used, Math.max(0, amount - used), now);
		}
		if (kind === 3) await expireDuePackages(database, now);
	}
	t.deepEqual(await broken(database), []);
	t.true((await database.query("SELECT 1 FROM transfer WHERE kind = 'package-expired'")).length > 0);
	t.true(
		(await database.query("SELECT 1 FROM transfer WHERE kind = 'slice-returned' AND to_book = 'lapsed'")).length > 0,
	);
	t.true((await database.query("SELECT 1 FROM review WHERE reason = 'beyond_slice'")).length > 0);
});
