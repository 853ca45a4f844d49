import test from 'ava';
import { balancesOf } from '../../../carrier/account/transfers.ts';
import { ingest } from '../../../carrier/usage/ingest.ts';
import { listRates } from '../../../carrier/usage/rates.ts';
import { onBothDatabases } from '../databases.ts';
import { addAccessPoints, addFunded, batchOf, MEBIBYTE, NOW, recordOf, TERMS } from '../scene.ts';
import { startApi } from './running-api.ts';

const onBoth = onBothDatabases(test);
const PLAN = { name: 'day', title: 'A day', unit: 'byte', amount: 5 * MEBIBYTE, atEnd: 'block' };

onBoth('without a token nothing is answered, and a wrong one is none', async (t, database) => {
	const api = await startApi(database);
	for (const authorization of [undefined, 'Bearer wrong-wrong-wrong-wrong', `Basic ${api.token}`]) {
		const answer = await api.app.inject({
			url: '/v1/accounts',
			...(authorization === undefined ? {} : { headers: { authorization } }),
		});
		t.is(answer.statusCode, 401);
	}
	t.is((await api.app.inject({ url: '/metrics' })).statusCode, 401);
	t.like((await api.app.inject({ url: '/health' })).json(), { database: true, broker: true, ingest: true });
	await api.stop();
});

onBoth(
	"a shop's sale credits once for its transaction, and differs when it says something else",
	async (t, database) => {
		const api = await startApi(database);
		await api.ask('PUT', '/v1/plans', PLAN);
		await api.ask('POST', '/v1/accounts', { account: 'alice', title: 'Alice' });
		const sale = { shop: 'kiosk', transaction: '4711', account: 'alice', plan: 'day' };
		t.is((await api.ask('POST', '/v1/sales', sale)).json().outcome, 'done');
		t.is((await api.ask('POST', '/v1/sales', sale)).json().outcome, 'exists');
		t.is(
			(await api.ask('POST', '/v1/sales', { ...sale, shop: 'other' })).json().outcome,
			'done',
			'shops have numbers of their own',
		);
		const other = { ...sale, plan: undefined, credit: { unit: 'byte', amount: 1 } };
		t.is((await api.ask('POST', '/v1/sales', other)).json().error.code, 'exists_with_different_values');
		t.is((await api.ask('POST', '/v1/sales', { ...sale, credit: { unit: 'byte', amount: 1 } })).statusCode, 400);
		t.is((await api.ask('POST', '/v1/sales', { ...sale, transaction: 'x', account: 'nobody' })).statusCode, 404);
		t.like(await balancesOf(database, 'alice', 'byte'), { available: 10 * MEBIBYTE });
		await api.stop();
	},
);

onBoth('a transaction of a shop is one sale: sent again for somebody else it credits nobody', async (t, database) => {
	const api = await startApi(database);
	await addAccessPoints(database, 'cafe');
	for (const account of ['alice', 'bob']) await addFunded(database, account, 0);
	await api.ask('PUT', '/v1/plans', PLAN);
	const sale = { shop: 'kiosk', transaction: '4711', account: 'alice', plan: 'day' };
	t.is((await api.ask('POST', '/v1/sales', sale)).json().outcome, 'done');
	for (const other of [{ account: 'bob' }, { ap: 'cafe' }, { plan: 'week' }]) {
		const answer = await api.ask('POST', '/v1/sales', { ...sale, ...other });
		t.is(answer.json().error.code, 'exists_with_different_values', JSON.stringify(other));
	}
	t.is((await database.query('SELECT 1 FROM transfer')).length, 1);
	t.deepEqual(await database.query('SELECT 1 FROM down_message'), []);
	const refused = { ...sale, transaction: '4712', account: 'nobody' };
	t.is((await api.ask('POST', '/v1/sales', refused)).statusCode, 404);
	t.is((await api.ask('POST', '/v1/sales', { ...refused, account: 'bob' })).json().outcome, 'done', 'nothing was sold');
	await api.stop();
});

onBoth(
	'an account that lives on an access point is credited there, by a command that takes effect once',
	async (t, database) => {
		const api = await startApi(database);
		await addAccessPoints(database, 'cafe');
		await api.ask('PUT', '/v1/plans', PLAN);
		const sale = { shop: 'kiosk', transaction: '4711', account: 'local', plan: 'day', ap: 'cafe' };
		t.is((await api.ask('POST', '/v1/sales', sale)).json().outcome, 'sent');
		t.is((await api.ask('POST', '/v1/sales', sale)).json().outcome, 'sent');
		t.deepEqual(await database.query('SELECT body FROM down_message'), [
			{ body: { command: 'topup', account: 'local', terms: PLAN } },
		]);
		await api.stop();
	},
);

onBoth('a code is redeemed once, however it is typed; a revoked one is worth nothing', async (t, database) => {
	const api = await startApi(database);
	await addFunded(database, 'alice', 0);
	await addFunded(database, 'bob', 0);
	const order = { batch: 'may', count: 2, credit: { unit: 'byte', amount: 1000 } };
	const [code, unused] = (await api.ask('POST', '/v1/voucher-batches', order)).json().codes as [string, string];
	const redeem = (typed: string, account: string) => api.ask('POST', '/v1/vouchers/redeem', { code: typed, account });
	t.is((await redeem(code.toLowerCase().replaceAll('-', ' ').replace('0', 'o'), 'alice')).json().outcome, 'done');
	t.is((await redeem(code, 'alice')).json().outcome, 'exists');
	t.is((await redeem(code, 'bob')).json().error.code, 'not_allowed');
	t.is((await redeem('0000-0000-0000-0000', 'bob')).statusCode, 404);
	t.is((await api.ask('DELETE', '/v1/voucher-batches/may')).json().revoked, 1);
	t.is((await redeem(unused, 'bob')).json().error.code, 'not_allowed');
	t.like(await balancesOf(database, 'alice', 'byte'), { available: 1000 });
	await api.stop();
});

onBoth('a policy is shown as a change before it is sent; all its faults are listed', async (t, database) => {
	const api = await startApi(database);
	const draft = { plans: [PLAN], tariffs: [] };
	t.deepEqual((await api.ask('POST', '/v1/policies/all/diff', draft)).json().changes, [
		{ path: 'plans.day', after: PLAN },
	]);
	t.is((await api.ask('POST', '/v1/policies/all', draft)).json().version, 1);
	const next = { plans: [{ ...PLAN, amount: MEBIBYTE }], tariffs: [] };
	t.deepEqual((await api.ask('POST', '/v1/policies/all/diff', next)).json().changes, [
		{ path: 'plans.day.amount', before: 5 * MEBIBYTE, after: MEBIBYTE },
	]);
	t.is((await api.ask('POST', '/v1/policies/all', next)).json().version, 2);
	t.is(api.published.length, 2);
	t.is(api.published[1]?.body.keys?.[0]?.kid, 'first', 'access points learn the keys');
	const wrong = await api.ask('POST', '/v1/policies/all', {
		plans: [{ ...PLAN, amount: -1 }, PLAN, PLAN],
		tariffs: 'none',
	});
	t.is(wrong.statusCode, 400);
	t.deepEqual(
		wrong.json().error.faults.map((fault: string) => fault.split(':')[0]),
		['plans[0].amount', 'tariffs'],
	);
	t.is((await api.ask('POST', '/v1/policies/nowhere', draft)).statusCode, 404);
	t.is(api.published.length, 2);
	await api.stop();
});

onBoth(
	'usage is rated by class, place and time of day, and the rated record goes to its destination',
	async (t, database) => {
		const api = await startApi(database);
		await addAccessPoints(database, 'cafe', 'hotel-1');
		const rate = { unit: 'byte', per: MEBIBYTE, route: 'partner' };
		const rates = [
			{
				...rate,
				name: 'night',
				priority: 1,
				when: { class: 'own', minutes: { from: 1320, to: 360 } },
				priceMicro: 100,
			},
			{
				...rate,
				name: 'hotels',
				priority: 2,
				when: { class: 'own', accessPoint: 'hotel-*' },
				priceMicro: 300,
				route: undefined,
			},
			{ ...rate, name: 'day', priority: 3, when: { class: 'own' }, priceMicro: 200 },
		];
		for (const one of rates) t.is((await api.ask('PUT', '/v1/rates', one)).statusCode, 200);
		await api.ask('POST', '/v1/subscriptions', {
			id: 'partner',
			kinds: [],
			target: 'pull',
			address: '',
			secret: 'x'.repeat(16),
		});
		const noon = Math.floor(NOW / 86_400_000) * 86_400_000 + 43_200_000;
		const night = noon + 12 * 3_600_000;
		const records = [
			recordOf({ id: 'a', amount: MEBIBYTE + 1, from: noon, to: night }),
			recordOf({ id: 'b', amount: MEBIBYTE, from: night, to: night + 1000 }),
			recordOf({ id: 'c', class: 'free' }),
			// By day, by a clock that nobody has set, or that is years off: it counts when it came.
			recordOf({ id: 'd', from: noon, to: noon + 1000, clockSet: false }),
			recordOf({ id: 'e', from: noon - 9000 * 86_400_000, to: noon - 9000 * 86_400_000 }),
		];
		const terms = { ...TERMS, now: night + 60_000, rates: await listRates(database) };
		const batches = [
			batchOf('cafe', 1, records),
			batchOf('hotel-1', 1, [recordOf({ id: 'a', from: noon, to: noon + 1000 })]),
		];
		await database.transaction(async (tx) => await ingest(tx, batches, terms));
		const called = (await api.ask('GET', '/v1/routes/partner/records')).json().entries as Record<string, unknown>[];
		t.deepEqual(called.map(({ ap, id, tariff, priceMicro }) => [ap, id, tariff, priceMicro]).toSorted(), [
			['cafe', 'a', 'day', 400],
			['cafe', 'b', 'night', 100],
			['cafe', 'd', 'night', 100],
			['cafe', 'e', 'night', 100],
		]);
		const after = called[0]?.position as number;
		t.is((await api.ask('GET', `/v1/routes/partner/records?after=${after}`)).json().entries.length, 3);
		t.deepEqual(await database.query("SELECT tariff, price_micro FROM usage_record WHERE ap = 'hotel-1'"), [
			{ tariff: 'hotels', price_micro: 300 },
		]);
		await api.stop();
	},
);

onBoth(
	'bodies that are too large, not JSON, or say more than is known are refused with all faults',
	async (t, database) => {
		const api = await startApi(database);
		t.is((await api.ask('POST', '/v1/accounts', { account: 'a', title: 'x'.repeat(300_000) })).statusCode, 413);
		const broken = await api.app.inject({
			method: 'POST',
			url: '/v1/accounts',
			headers: { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' },
			payload: '{',
		});
		t.is(broken.statusCode, 400);
		const wrong = await api.ask('POST', '/v1/accounts', { account: 'A B', title: '', more: 1 });
		t.deepEqual(
			wrong.json().error.faults.map((fault: string) => fault.split(':')[0]),
			['account', 'title', '(all of it)'],
		);
		t.is((await api.ask('GET', '/v1/nothing')).statusCode, 404);
		t.is((await api.ask('GET', '/v1/accounts?limit=100000')).statusCode, 400);
		await api.stop();
	},
);

onBoth('what no parser, no check and no column takes is refused, and is no defect of ours', async (t, database) => {
	const api = await startApi(database);
	const headers = { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' };
	const deep = '['.repeat(60_000) + ']'.repeat(60_000);
	const post = async (url: string, payload: string, more: Record<string, string> = headers) =>
		(await api.app.inject({ method: 'POST', url, headers: more, payload })).statusCode;
	const put = async (payload: string) =>
		(await api.app.inject({ method: 'PUT', url: '/v1/policies/all', headers, payload })).statusCode;
	const statuses = {
		'brackets in each other': await post('/v1/accounts', deep),
		'a policy of brackets': await put(deep),
		'a policy with brackets in it': await put(`{"plans":${deep},"tariffs":[]}`),
		'U+0000 in a query': (await api.ask('GET', '/v1/accounts?after=%00')).statusCode,
		'U+0000 in a path': (await api.ask('GET', '/v1/accounts/a%00b')).statusCode,
		'U+0000 in a body': (await api.ask('POST', '/v1/accounts', { account: 'a\u0000', title: '\u0000' })).statusCode,
		'a token that is an object': await post('/login', '{"token":{"a":1}}', { 'content-type': 'application/json' }),
		'no form at all': await post('/login', '', { 'content-type': 'application/x-www-form-urlencoded' }),
	};
	for (const [what, status] of Object.entries(statuses)) t.true(status >= 400 && status < 500, `${what}: ${status}`);
	t.deepEqual(
		api.lines.filter(({ message }) => message === 'a request failed'),
		[],
	);
	await api.stop();
});
