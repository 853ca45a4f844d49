import test from 'ava';
import { openDatabase } from '../../carrier/database/open-database.ts';
import { ROUTES } from '../../carrier/http/routes.ts';
import { silentLog } from '../../carrier/log.ts';
import { startApi } from '../carrier/http/running-api.ts';
import { startPostgres } from '../carrier/postgres-server.ts';
import { addAccessPoints, addFunded, MEBIBYTE } from '../carrier/scene.ts';
import { SeededRandom } from '../fakes/seeded-random.ts';
import { readVectors } from '../protocol/vectors.ts';
import { writeOddly } from './json-maker.ts';

/** Of each operation: a request is a transaction or two. */
const CASES_PER_ROUTE = 25;
const NAMES = [
	'alice',
	'cafe',
	'all',
	'x',
	'A B',
	'%00',
	'%ed%a0%80',
	'..',
	'__proto__',
	'a'.repeat(65),
	'\u{1f600}',
	'0',
];
const QUERIES = [
	'',
	'after=%00',
	'limit=0',
	'limit=1e9',
	'limit=5&limit=6',
	'after[]=x',
	'hours=-1',
	'from=9e99&to=-1',
	'a=%zz',
];

/** Members of all bodies that there are, right ones: a body is some of them, changed. */
const MEMBERS = {
	account: 'bob',
	title: 'Bob',
	ap: 'cafe',
	pool: 'alice',
	plan: 'day',
	amount: 1000,
	unit: 'byte',
	id: 'r-1',
	shop: 'kiosk',
	transaction: 't-1',
	code: 'AB12-CD34',
	count: 2,
	batch: 'b',
	blocked: true,
	weight: 3,
	price: 5,
	kinds: ['alert'],
	target: 'webhook',
	address: 'https://example.org/x',
	secret: 'a secret of sixteen',
	tariff: 't',
	plans: [],
	tariffs: [],
	from: 0,
	to: 1,
	limit: 10,
	request: 'q',
	terms: { name: 'x', unit: 'byte', amount: 1 },
};

test('the API answers whatever is asked of any operation, and never with a defect', async (t) => {
	const server = await startPostgres();
	const database = await openDatabase({ url: server.url('postgres') }, silentLog);
	const api = await startApi(database);
	t.teardown(async () => {
		await api.stop();
		await database.close();
		await server.stop();
	});
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', 10 * MEBIBYTE);
	const random = new SeededRandom(21);
	const policies = readVectors('policy').valid.map(({ value }) => value);
	const headers = { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' };
	const statuses = new Map<number, number>();
	for (const route of ROUTES) {
		for (let count = 0; count < CASES_PER_ROUTE; count++) {
			const path = route.path.replace(/\{\w+\}/g, () => encodeURI(random.pick(NAMES)).replaceAll('%25', '%'));
			const shape = route.body as unknown as { shape?: object } | undefined;
			const known = Object.keys(shape?.shape ?? MEMBERS);
			const members = Object.entries(MEMBERS).filter(([name]) => known.includes(name) || random.chance(0.02));
			const value = random.chance(0.1) ? random.pick(policies) : Object.fromEntries(members);
			const payload = route.body === undefined ? undefined : writeOddly(random, value, policies);
			const url = `${path}?${random.pick(QUERIES)}`;
			const answer = await api.app.inject({ method: route.method, url, headers, ...(payload ? { payload } : {}) });
			statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
			if (answer.statusCode >= 500) t.fail(`${route.method} ${url} ${payload}: ${answer.body}`);
		}
	}
	t.log(JSON.stringify([...statuses]));
	t.deepEqual(
		api.lines.filter(({ message }) => message === 'a request failed').map(({ fields }) => String(fields.error)),
		[],
	);
	t.true((statuses.get(200) ?? 0) > 0);
});
