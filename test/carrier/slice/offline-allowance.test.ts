import test from 'ava';
import { balancesOf } from '../../../carrier/account/transfers.ts';
import type { Database } from '../../../carrier/database/database.ts';
import { publishPolicy } from '../../../carrier/policy/policies.ts';
import { ACCEPTED_LATE_MS, giveSlice } from '../../../carrier/slice/give-slice.ts';
import { arrivedSlice, expireSlices } from '../../../carrier/slice/take-back.ts';
import { html } from '../../../carrier/web/html.ts';
import { changePage } from '../../../carrier/web/policy-page.ts';
import { onBothDatabases } from '../databases.ts';
import { startApi } from '../http/running-api.ts';
import { addAccessPoints, addFunded, MEBIBYTE, NOW, SLICES as SCENE_SLICES } from '../scene.ts';

const onBoth = onBothDatabases(test);
/** What is held under one policy must not keep the next one from being seen. */
const SLICES = { ...SCENE_SLICES, heldSlicesMax: 1000 };
const EMPTY = { plans: [], tariffs: [] };

async function publish(database: Database, audience: string, draft: object): Promise<void> {
	const order = { audience, draft: { ...EMPTY, ...draft }, keys: {}, by: 'test' };
	await database.transaction((tx) => publishPolicy(tx, order, NOW));
}

async function give(database: Database, ap: string, request: string, account = 'alice') {
	const asked = { ap, request, account, wants: 8 * MEBIBYTE };
	const answer = await database.transaction((tx) => giveSlice(tx, asked, SLICES, NOW));
	if (answer.outcome === 'refused') throw new Error(answer.why);
	const [row] = await database.query<{ body: { validForSeconds: number }; expires_at: number }>(
		`SELECT body, s.expires_at FROM down_message d JOIN slice s ON d.id = 'give-' || s.slice WHERE s.slice = $1`,
		[answer.slice],
	);
	return { slice: answer.slice, amount: answer.amount, seconds: row?.body.validForSeconds, expires: row?.expires_at };
}

onBoth('an access point gets slices as its policy says, or that for all, or the configuration', async (t, database) => {
	await addAccessPoints(database, 'cafe', 'hotel', 'ship');
	await addFunded(database, 'alice', 1000 * MEBIBYTE);
	t.like(await give(database, 'cafe', 'a'), { amount: 8 * MEBIBYTE, seconds: SLICES.validForSeconds });
	await publish(database, 'all', { offline: { sliceBytesMax: 2 * MEBIBYTE } });
	await publish(database, 'ship', { offline: { validForSeconds: 86_400 } });
	t.like(await give(database, 'cafe', 'b'), { amount: 2 * MEBIBYTE, seconds: SLICES.validForSeconds });
	const ship = await give(database, 'ship', 'a');
	t.like(ship, { amount: 8 * MEBIBYTE, seconds: 86_400 }, 'it follows its own policy only');
	t.is(ship.expires, NOW + SLICES.deliveryMs + ACCEPTED_LATE_MS + 86_400_000 + SLICES.reportMs);
	await publish(database, 'ship', { offline: { sliceBytesMax: 10_000 } });
	t.like(await give(database, 'ship', 'b'), { amount: 10_000, seconds: SLICES.validForSeconds }, 'the newest one');
	// What was given keeps its validity.
	await database.transaction((tx) => arrivedSlice(tx, { ap: 'ship', slice: ship.slice }, SLICES, NOW));
	t.deepEqual(await database.query('SELECT expires_at FROM slice WHERE slice = $1', [ship.slice]), [
		{ expires_at: NOW + 86_400_000 + SLICES.reportMs },
	]);
	await publish(database, 'ship', {});
	t.like(await give(database, 'ship', 'c'), { amount: 8 * MEBIBYTE }, 'as configured, not as for all');
});

onBoth('what becomes of a silent slice is the policy of its access point', async (t, database) => {
	await addAccessPoints(database, 'cafe', 'ship');
	for (const account of ['alice', 'bob']) await addFunded(database, account, MEBIBYTE);
	const { expires } = await give(database, 'cafe', 'a');
	await give(database, 'ship', 'a', 'bob');
	await publish(database, 'ship', { offline: { silent: 'release' } });
	await database.transaction((tx) => expireSlices(tx, SLICES, expires as number));
	t.like(await balancesOf(database, 'alice', 'byte'), { available: 0, slices: MEBIBYTE });
	t.like(await balancesOf(database, 'bob', 'byte'), { available: MEBIBYTE, slices: 0 });
	const became = await database.query(
		"SELECT ap, details->>'became' AS became FROM event WHERE kind = 'slice.silent' ORDER BY ap",
	);
	t.deepEqual(became, [
		{ ap: 'cafe', became: 'hold' },
		{ ap: 'ship', became: 'release' },
	]);
});

onBoth(
	'the offline allowance is shown as a change, and its faults are listed, before it is sent',
	async (t, database) => {
		const api = await startApi(database);
		const draft = { ...EMPTY, offline: { sliceBytesMax: MEBIBYTE, silent: 'hold' } };
		t.is((await api.ask('POST', '/v1/policies/all', draft)).statusCode, 200);
		const next = { ...EMPTY, offline: { sliceBytesMax: MEBIBYTE, silent: 'release', validForSeconds: 3600 } };
		t.deepEqual((await api.ask('POST', '/v1/policies/all/diff', next)).json().changes, [
			{ path: 'offline.silent', before: 'hold', after: 'release' },
			{ path: 'offline.validForSeconds', after: 3600 },
		]);
		const page = await changePage(database, { audience: 'all', text: JSON.stringify(next) }, html``);
		t.regex(page.text, /offline\.silent[\s\S]*hold[\s\S]*release/);
		const wrong = await api.ask('POST', '/v1/policies/all', { ...EMPTY, offline: { sliceBytesMax: 0, allowance: 5 } });
		t.deepEqual(
			wrong.json().error.faults.map((fault: string) => fault.split(':')[0]),
			['offline.sliceBytesMax', 'offline.allowance'],
		);
		t.is(api.published.length, 1);
		await api.stop();
	},
);
