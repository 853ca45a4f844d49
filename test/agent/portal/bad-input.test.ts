import test from 'ava';
import { ACCOUNT_ACTIONS } from '../../../agent/portal/account-actions.ts';
import { ACCOUNT_VIEWS, OPEN_VIEWS } from '../../../agent/portal/account-views.ts';
import { OPEN_ACTIONS } from '../../../agent/portal/open-actions.ts';
import { LANGUAGE_TAGS } from '../../../ui/portal/language.ts';
import { CUSTOMER, ENDED, GUEST, HOSTILE } from './fake-service.ts';
import { type Answered, RunningPortal } from './running-portal.ts';

/** What holds for every page and every form that there is, those that will be added too: they come from the portal's own tables. */
const ACTIONS = [...Object.keys(OPEN_ACTIONS), ...Object.keys(ACCOUNT_ACTIONS)];
const VIEWS = [...Object.keys(OPEN_VIEWS), ...Object.keys(ACCOUNT_VIEWS)];

async function withPortal(use: (portal: RunningPortal) => Promise<void>): Promise<void> {
	const portal = await RunningPortal.start();
	try {
		await use(portal);
	} finally {
		await portal.stop();
	}
}

/** Without what is different in every answer: the proof of each form. */
function withoutTokens({ body }: Answered): string {
	return body.replaceAll(/name="token" value="[^"]*"/g, '');
}

for (const action of ACTIONS) {
	test(`${action} does nothing without the proof of its own form, for its own station`, (t) =>
		withPortal(async (portal) => {
			portal.station = CUSTOMER;
			const proofs: Record<string, string>[] = [
				{},
				{ token: portal.token(GUEST, action) },
				{ token: portal.token(CUSTOMER, `${action}x`) },
			];
			for (const proof of proofs) t.is((await portal.post(action, proof)).status, 403);
			const own = { token: portal.token(CUSTOMER, action) };
			t.is((await portal.post(action, own, { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
			t.not((await portal.get(`${action}?token=${own.token}`)).status, 303, 'a link is no form');
			t.deepEqual(portal.service.asked, []);
		}));
}

// A portal of its own for each: one address may not ask for all of this at once.
for (const station of [GUEST, CUSTOMER, ENDED]) {
	test(`a cookie says nothing: ${station} is who it is, and none is ever set`, (t) =>
		withPortal(async (portal) => {
			portal.station = station;
			const other = station === CUSTOMER ? GUEST : CUSTOMER;
			for (const path of VIEWS) {
				const plain = await portal.get(path);
				const answer = await portal.get(path, {
					Cookie: `session=${other}; account=ada; mac=${other}; token=${portal.token(other, path)}`,
					'X-Forwarded-For': '10.77.0.9',
					Authorization: 'Basic YTpi',
				});
				t.true(plain.status === 200 || plain.status === 403, `${path}: ${plain.status}`);
				t.is(answer.status, plain.status, path);
				t.is(withoutTokens(answer), withoutTokens(plain), path);
				t.false(answer.headers.has('set-cookie'), path);
			}
		}));
}

for (const language of LANGUAGE_TAGS) {
	test(`hostile names are text on every page in ${language}`, (t) =>
		withPortal(async (portal) => {
			const hostile = encodeURIComponent(HOSTILE);
			for (const station of [GUEST, CUSTOMER, ENDED]) {
				portal.station = station;
				for (const path of VIEWS) {
					const query = `code=${hostile}&c=${hostile}&notice=${hostile}`;
					const { status, body, headers } = await portal.get(`/${language}${path}?${query}`);
					t.true(status === 200 || status === 403, `${path}: ${status}`);
					t.false(body.includes('<img src=x'), path);
					t.is(headers.get('x-content-type-options'), 'nosniff', path);
				}
			}
		}));
}

const SMUGGLED = 'a\u010d\u010aSet-Cookie: a=b';
const HEADERS: [string, string][] = [
	['Accept-Language', 'ar;q=1, <script>alert(1)</script>;q=0.9'],
	['Accept-Language', `${'en,'.repeat(1000)}x`],
	['Accept-Language', '__proto__, constructor;q=NaN, *;q=99999999999'],
	['Host', `127.0.0.1"><script>`],
	['Host', '127.0.0.1:99999@evil.example'],
	['Host', '[::1'],
	['Host', '..'],
	['Referer', 'http://evil.example/<script>'],
	['X-Smuggled', Buffer.from(SMUGGLED, 'utf8').toString('latin1')],
];
for (const [name, value] of HEADERS) {
	test(`${name}: ${value.slice(0, 50)} is answered, and nothing of it comes back`, (t) =>
		withPortal(async (portal) => {
			portal.station = GUEST;
			const { status, headers, body } = await portal.get('/', { [name]: value });
			t.true([200, 302, 400, 403, 404].includes(status), `${status}`);
			t.false(body.includes('<script>'));
			t.false(headers.has('set-cookie'));
			for (const [header, text] of headers) t.false(text.includes('evil') || text.includes('<'), `${header}: ${text}`);
		}));
}

test('a header with a line break of its own is refused by a page', (t) =>
	withPortal(async (portal) => {
		portal.station = GUEST;
		for (const line of ['X: a\rSet-Cookie: a=b', 'X: a\x00b', ': nothing', 'X Y: z']) {
			const answer = await portal.raw(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${line}\r\nConnection: close\r\n\r\n`);
			t.is(answer.status, 400, JSON.stringify(line));
			t.true(answer.body.includes('That did not work'));
		}
	}));

const CLOCK_UNSET = 'This hotspot does not know the date yet. What you bought is valid for all of its time.';

test('while no date is known, the page says so, and that nothing is lost; and does not when it is', (t) =>
	withPortal(async (portal) => {
		portal.station = CUSTOMER;
		t.true((await portal.get('/')).body.includes(CLOCK_UNSET));
		const { status } = portal.service;
		Object.assign(portal.service, {
			status: (...who: Parameters<typeof status>) => ({ ...status(...who), clockIsSet: true }),
		});
		t.false((await portal.get('/')).body.includes(CLOCK_UNSET));
	}));
