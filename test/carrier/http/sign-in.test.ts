import { randomBytes } from 'node:crypto';
import { renameSync, unlinkSync } from 'node:fs';
import test from 'ava';
import type { LightMyRequestResponse } from 'fastify';
import { newToken, removeTokens } from '../../../carrier/http/tokens.ts';
import { FORGET_ONE_MS, WRONG_TRIES_MAX, WrongTokens } from '../../../carrier/http/wrong-tokens.ts';
import { onBothDatabases } from '../databases.ts';
import { NOW } from '../scene.ts';
import { type RunningApi, startApi } from './running-api.ts';

const onBoth = onBothDatabases(test);

async function signIn(
	{ app }: RunningApi,
	token: string,
	{ ip = '127.0.0.1', headers = {} }: { ip?: string; headers?: Record<string, string> } = {},
): Promise<LightMyRequestResponse> {
	return await app.inject({
		method: 'POST',
		url: '/login',
		remoteAddress: ip,
		payload: new URLSearchParams({ token }).toString(),
		headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
	});
}

function cookieOf(response: LightMyRequestResponse): string {
	return String(response.headers['set-cookie']);
}

onBoth(
	'a token that was removed is nobody’s at once: in the API, and on the page of whoever had signed in',
	async (t, database) => {
		const api = await startApi(database);
		const other = newToken(api.tokenFile, 'ada', randomBytes);
		const [cookie = ''] = cookieOf(await signIn(api, api.token)).split(';');
		const page = async () => (await api.app.inject({ url: '/accounts', headers: { cookie } })).statusCode;
		t.is(await page(), 200);
		t.is((await api.ask('GET', '/v1/plans')).statusCode, 200);
		t.is(removeTokens(api.tokenFile, 'grace'), 1);
		t.is((await api.ask('GET', '/v1/plans')).statusCode, 401);
		t.is(await page(), 303);
		t.is((await api.ask('POST', '/v1/accounts', { account: 'a', title: 'a' })).statusCode, 401);
		const asOther = await api.app.inject({ url: '/v1/plans', headers: { authorization: `Bearer ${other}` } });
		t.is(asOther.statusCode, 200, 'and nobody else’s');
		// A new token of the same person does not bring the old session back.
		newToken(api.tokenFile, 'grace', randomBytes);
		t.is(await page(), 303);
		t.throws(() => removeTokens(api.tokenFile, 'nobody'), { message: /no token/ });
		renameSync(api.tokenFile, `${api.tokenFile}.away`);
		const whileAway = await api.app.inject({ url: '/v1/plans', headers: { authorization: `Bearer ${other}` } });
		t.is(whileAway.statusCode, 401, 'while the file cannot be read nobody is anybody');
		unlinkSync(`${api.tokenFile}.away`);
		await api.stop();
	},
);

onBoth(
	'wrong tokens are answered 429 after a few, of that address alone; a right one is let in all the same',
	async (t, database) => {
		const api = await startApi(database);
		const statuses: number[] = [];
		for (let count = 0; count <= WRONG_TRIES_MAX; count++)
			statuses.push((await signIn(api, 'wrong', { ip: '192.0.2.1' })).statusCode);
		t.deepEqual(statuses, [...Array<number>(WRONG_TRIES_MAX).fill(401), 429]);
		const bearer = await api.app.inject({
			url: '/v1/plans',
			remoteAddress: '192.0.2.1',
			headers: { authorization: `Bearer ${'x'.repeat(32)}` },
		});
		t.is(bearer.statusCode, 429, 'the API counts with the page');
		t.is(bearer.json().error.code, 'too_many_tries');
		t.is(bearer.headers['retry-after'], String(FORGET_ONE_MS / 1000));
		t.is((await signIn(api, 'wrong', { ip: '192.0.2.2' })).statusCode, 401, 'another address');
		t.is((await signIn(api, api.token, { ip: '192.0.2.1' })).statusCode, 303, 'a right one');
		// A stranger cannot name another address: only a trusted proxy is believed.
		const forged = { headers: { 'x-forwarded-for': '192.0.2.9' } };
		t.is((await signIn(api, 'wrong', { ip: '192.0.2.1', ...forged })).statusCode, 429);
		t.is((await signIn(api, 'wrong', { ip: '127.0.0.1', ...forged })).statusCode, 401);
		api.now += FORGET_ONE_MS * WRONG_TRIES_MAX * 2;
		t.is((await signIn(api, 'wrong', { ip: '192.0.2.1' })).statusCode, 401, 'it is forgotten');
		await api.stop();
	},
);

test('an IPv6 network of 64 bits is one address, however it is written; those that are remembered are bounded', (t) => {
	let now = NOW;
	const wrong = new WrongTokens({ wallMs: () => now });
	for (let host = 1; host <= WRONG_TRIES_MAX; host++) t.is(wrong.note(`2001:db8:0:1::${host.toString(16)}`), undefined);
	t.is(wrong.note('2001:db8::1:abcd:0:0:1'), FORGET_ONE_MS / 1000);
	t.is(wrong.note('2001:0DB8:0:0001:0:0:0:9'), FORGET_ONE_MS / 1000);
	t.is(wrong.note('2001:db8:0:2::1'), undefined);
	for (let count = 0; count < WRONG_TRIES_MAX; count++) wrong.note('::ffff:192.0.2.7');
	t.is(wrong.note('192.0.2.7'), FORGET_ONE_MS / 1000, 'a mapped address is the IPv4 address');
	now += FORGET_ONE_MS;
	t.is(wrong.note('192.0.2.7'), FORGET_ONE_MS / 1000, 'one that goes on is not forgotten');
});

for (const [what, ip, headers, isSecure] of [
	['plain, to the machine itself', '127.0.0.1', {}, false],
	['TLS at a trusted proxy', '127.0.0.1', { 'x-forwarded-proto': 'https' }, true],
	['plain at a trusted proxy', '127.0.0.1', { 'x-forwarded-proto': 'http' }, false],
	['what a stranger says', '192.0.2.1', { 'x-forwarded-proto': 'https' }, false],
] as const) {
	onBoth(`the cookie of the page is Secure where the browser came by TLS: ${what}`, async (t, database) => {
		const api = await startApi(database);
		const cookie = cookieOf(await signIn(api, api.token, { ip, headers }));
		t.is(/; Secure/.test(cookie), isSecure);
		t.regex(cookie, /; HttpOnly; SameSite=Strict;/);
		await api.stop();
	});
}

onBoth('a cookie of another proof, another user or another token is nobody’s', async (t, database) => {
	const api = await startApi(database);
	const [cookie = ''] = cookieOf(await signIn(api, api.token)).split(';');
	const [name = '', value = ''] = cookie.split('=');
	const [user, mark, until, proof] = value.split('.') as [string, string, string, string];
	for (const parts of [
		['ada', mark, until, proof],
		[user, 'f'.repeat(16), until, proof],
		[user, mark, String(Number(until) + 1), proof],
		[user, mark, until, 'A'.repeat(43)],
		[user, until, proof],
	])
		t.is(
			(await api.app.inject({ url: '/accounts', headers: { cookie: `${name}=${parts.join('.')}` } })).statusCode,
			303,
		);
	t.is((await api.app.inject({ url: '/accounts', headers: { cookie } })).statusCode, 200);
	await api.stop();
});
