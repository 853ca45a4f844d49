import test from 'ava';
import { ingest } from '../../../carrier/usage/ingest.ts';
import { onBothDatabases } from '../databases.ts';
import { startApi } from '../http/running-api.ts';
import { addAccessPoints, addFunded, batchOf, NOW, recordOf, TERMS } from '../scene.ts';

const onBoth = onBothDatabases(test);
type Api = Awaited<ReturnType<typeof startApi>>;

async function signIn(api: Api): Promise<string> {
	const answer = await post(api, '/login', { token: api.token });
	return String(answer.headers['set-cookie']).split(';')[0] as string;
}

async function post(api: Api, url: string, form: Record<string, string>, cookie = '') {
	return await api.app.inject({
		method: 'POST',
		url,
		headers: { 'content-type': 'application/x-www-form-urlencoded', cookie },
		payload: new URLSearchParams(form).toString(),
	});
}

onBoth('pages are for whoever has signed in, and say nothing before', async (t, database) => {
	const api = await startApi(database);
	for (const url of ['/', '/accounts', '/policy']) {
		t.is((await api.app.inject({ url })).headers.location, '/login');
	}
	t.is((await post(api, '/login', { token: 'wrong' })).statusCode, 401);
	const cookie = await signIn(api);
	const answer = await api.app.inject({ url: '/', headers: { cookie } });
	t.is(answer.statusCode, 200);
	t.regex(String(answer.headers['content-security-policy']), /default-src 'none'/);
	api.now = NOW + 13 * 3_600_000;
	t.is((await api.app.inject({ url: '/', headers: { cookie } })).statusCode, 303, 'a session ends');
	await api.stop();
});

onBoth('what others have written is text on the page, never HTML', async (t, database) => {
	const api = await startApi(database);
	await addAccessPoints(database, 'cafe');
	await database.query("UPDATE access_point SET title = '<script>alert(1)</script>', software_version = '\"><b>'");
	await addFunded(database, 'alice', 5000);
	const cookie = await signIn(api);
	for (const url of ['/', '/accounts', '/accounts/alice', '/policy']) {
		const { body, statusCode } = await api.app.inject({ url, headers: { cookie } });
		t.is(statusCode, 200, url);
		t.false(body.includes('<script') || body.includes('"><b>'), url);
	}
	await api.stop();
});

onBoth('a policy is published by our own form only, and after its change was shown', async (t, database) => {
	const api = await startApi(database);
	const cookie = await signIn(api);
	const page = (await api.app.inject({ url: '/policy', headers: { cookie } })).body;
	const form = /name="form" value="([^"]+)"/.exec(page)?.[1] as string;
	const draft = { audience: 'all', text: JSON.stringify({ plans: [], tariffs: [], reportEverySeconds: 30 }) };
	t.is((await post(api, '/policy/publish', draft, cookie)).statusCode, 403, 'without its proof it is not ours');
	t.is((await post(api, '/policy/publish', { ...draft, form: `${form}x` }, cookie)).statusCode, 403);
	t.is((await post(api, '/policy/publish', { ...draft, form })).statusCode, 401);
	const shown = await post(api, '/policy/diff', { ...draft, form }, cookie);
	t.true(shown.body.includes('reportEverySeconds'));
	t.is(api.published.length, 0);
	const wrong = await post(api, '/policy/diff', { ...draft, text: '{', form }, cookie);
	t.is(wrong.statusCode, 400);
	t.true(wrong.body.includes('Nothing was sent'));
	t.is((await post(api, '/policy/publish', { ...draft, form }, cookie)).statusCode, 200);
	t.is(api.published[0]?.body.reportEverySeconds, 30);
	await api.stop();
});

onBoth('what goes wrong on the page is a page, and looks like it', async (t, database) => {
	const api = await startApi(database);
	const refused = await post(api, '/login', { token: 'wrong' });
	t.regex(refused.body, /class="notice wrong" role="alert">This token is not known/);
	const cookie = await signIn(api);
	const headers = { cookie, accept: 'text/html,application/xhtml+xml' };
	for (const url of ['/accounts/nobody', '/nothing']) {
		const answer = await api.app.inject({ url, headers });
		t.is(answer.statusCode, 404, url);
		t.regex(String(answer.headers['content-type']), /^text\/html/, url);
		t.regex(answer.body, /<h1>Not found<\/h1>\s*<p class="notice wrong" role="alert"/, url);
	}
	const forged = await post(api, '/reviews/settle', { id: '1' }, cookie);
	t.is(forged.statusCode, 403);
	t.regex(forged.body, /role="alert">This form is too old, or not ours/);
	await api.stop();
});

onBoth('an account that has the name of a local one somewhere says so', async (t, database) => {
	const api = await startApi(database);
	await addAccessPoints(database, 'cafe');
	const batch = batchOf('cafe', 1, [recordOf({ id: 'a', account: 'room-7' })]);
	await database.transaction(async (tx) => await ingest(tx, [batch], TERMS));
	const made = await api.ask('POST', '/v1/accounts', { account: 'room-7', title: 'Room 7' });
	t.deepEqual(made.json(), { outcome: 'done', localAt: ['cafe'] });
	t.deepEqual((await api.ask('GET', '/v1/accounts/room-7')).json().localAt, ['cafe']);
	t.deepEqual((await api.ask('POST', '/v1/accounts', { account: 'other', title: 'x' })).json().localAt, []);
	const { body } = await api.app.inject({ url: '/accounts/room-7', headers: { cookie: await signIn(api) } });
	t.regex(body, /have an account of their own with this name[^<]*cafe/);
	await api.stop();
});
