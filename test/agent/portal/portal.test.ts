import test from 'ava';
import { PROBES } from '../../../agent/portal/captive-probes.ts';
import { CUSTOMER, ENDED, GUEST, HOSTILE, OWN_CODE } from './fake-service.ts';
import { FORMS } from './forms.ts';
import { type Answered, RunningPortal } from './running-portal.ts';

async function withPortal(use: (portal: RunningPortal) => Promise<void>): Promise<void> {
	const portal = await RunningPortal.start();
	try {
		await use(portal);
	} finally {
		await portal.stop();
	}
}

for (const { action, mac, fields, asks } of FORMS) {
	test(`${action} acts once its own form is sent, and on no other`, (t) =>
		withPortal(async (portal) => {
			portal.station = mac;
			const other = mac === GUEST ? CUSTOMER : GUEST;
			const refused: Record<string, string>[] = [
				{},
				{ token: '' },
				{ token: 'x'.repeat(500) },
				{ token: portal.token(other, action) },
				{ token: portal.token(mac, '/other') },
				{ token: portal.token(mac, action).replace(/.$/, '!') },
			];
			for (const proof of refused) t.is((await portal.post(action, { ...fields, ...proof })).status, 403);
			const token = portal.token(mac, action);
			t.is((await portal.post(action, { ...fields, token }, { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
			t.deepEqual(portal.service.asked, []);
			const { status } = await portal.post(action, { ...fields, token });
			t.true(status === 303 || status === 200, `${status}`);
			t.deepEqual(portal.service.asked, [asks]);
		}));
}

test('a form without a method of its own is refused with a page', (t) =>
	withPortal(async (portal) => {
		portal.station = CUSTOMER;
		for (const method of ['PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH']) {
			const answer = await portal.raw(`${method} /alerts HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
			t.is(answer.status, 405, method);
			t.true(answer.body.includes('That did not work'));
		}
		const json = await portal.post('/alerts', { percent: '1' }, { 'Content-Type': 'application/json' });
		t.is(json.status, 415);
	}));

test('every page has strict headers, is never kept, and runs no script of its own', (t) =>
	withPortal(async (portal) => {
		portal.station = CUSTOMER;
		for (const path of [
			'/',
			'/devices',
			'/receipt',
			'/why',
			'/receipt?session=s1',
			'/gift',
			'/group',
			'/alerts',
			'/top-up',
			'/redeem?code=x',
			'/nowhere',
		]) {
			const { headers, body } = await portal.get(path);
			t.regex(
				headers.get('content-security-policy') ?? '',
				/^default-src 'none'; style-src 'self'; script-src 'self';/,
			);
			t.is(headers.get('x-content-type-options'), 'nosniff');
			t.is(headers.get('cache-control'), 'no-store');
			t.notRegex(body, /<script(?! src="\/live-)/i, path);
			// Names of attributes, without what is in them.
			t.notRegex(body.replaceAll(/"[^"]*"/g, '""'), /<[^>]*\s(?:style|on\w+)=/i, path);
			t.notRegex(body, /(?:src|href|action)="(?:https?:)?\/\//, path);
			t.false(body.includes('<img src=x'), path);
		}
	}));

test('names and codes are shown as text, whatever is in them', (t) =>
	withPortal(async (portal) => {
		portal.station = CUSTOMER;
		t.true((await portal.get('/devices')).body.includes('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;'));
		portal.station = GUEST;
		const code = `"><script>alert(1)</script>`;
		const { body } = await portal.get(`/redeem?code=${encodeURIComponent(code)}`);
		t.true(body.includes('value="&quot;&gt;&lt;script&gt;'));
		const refused = await portal.post('/redeem', { code, token: portal.token(GUEST, '/redeem') });
		t.is(refused.status, 422);
		t.true(refused.body.includes('value="&quot;&gt;&lt;script&gt;'));
		t.false(refused.body.includes('<script>alert'));
		portal.station = ENDED;
		t.false((await portal.get('/')).body.includes(HOSTILE));
	}));

test('codes reach the part that knows them as they were typed', (t) =>
	withPortal(async (portal) => {
		portal.station = GUEST;
		for (const code of ['abcd-efgh', ' A B C D ', 'ａｂｃｄ', '١٢٣٤', '']) {
			await portal.post('/redeem', { code, token: portal.token(GUEST, '/redeem') });
			t.is(portal.service.asked.pop(), `redeem ${GUEST} ${code}`);
		}
	}));

test('who tries too many codes is told how long to wait', (t) =>
	withPortal(async (portal) => {
		portal.station = GUEST;
		const answer = await portal.post('/redeem', { code: 'WAIT', token: portal.token(GUEST, '/redeem') });
		t.is(answer.status, 429);
		t.true(answer.body.includes('Try again in 1 min 30 sec.'));
	}));

test('a header cannot be smuggled in by any part of a request', (t) =>
	withPortal(async (portal) => {
		portal.station = GUEST;
		const smuggled = '%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a<script>';
		for (const path of [`/${smuggled}`, `/?notice=${smuggled}`, `/?code=${smuggled}`, `/ar/${smuggled}`]) {
			const { headers } = await portal.get(path);
			t.false(headers.has('set-cookie'), path);
		}
		const elsewhere = await portal.get('/x', { Host: 'evil.example' });
		t.is(elsewhere.headers.get('location'), `http://127.0.0.1:${portal.port}/`);
		const done = await portal.post(`/redeem?notice=${smuggled}`, {
			code: 'GOOD',
			token: portal.token(GUEST, '/redeem'),
		});
		t.is(done.headers.get('location'), '/?notice=redeem_done');
	}));

const OUTSIDE = [
	'/../etc/passwd',
	'/..%2f..%2fetc/passwd',
	'/style/../../x',
	'//evil.example/',
	'/.git/config',
	'/%00',
	'/a\\b',
	'/constructor',
	'/__proto__',
	'/ar/__proto__',
];
for (const path of OUTSIDE) {
	test(`${path} is no page`, (t) =>
		withPortal(async (portal) => {
			portal.station = CUSTOMER;
			t.is((await portal.get(path)).status, 404);
			t.is((await portal.post(path, {})).status, 404);
		}));
}

const BROKEN: [string, number, string][] = [
	['a header that is too long', 431, `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`],
	['a path that is too long', 431, `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`],
	[
		'an announced gigabyte',
		413,
		'POST /redeem HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000000000\r\n\r\n',
	],
	[
		'a length without end',
		400,
		`POST /redeem HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${'9'.repeat(40)}\r\n\r\n`,
	],
	['a negative length', 400, 'POST /redeem HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n'],
	[
		'two lengths',
		400,
		'POST /redeem HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
	],
	['no HTTP', 400, '\x16\x03\x01 hello\r\n\r\n'],
];
for (const [name, status, text] of BROKEN) {
	test(`${name} is answered by ${status} and a page, and the connection is closed`, (t) =>
		withPortal(async (portal) => {
			portal.station = GUEST;
			const answer = await portal.raw(text);
			t.is(answer.status, status);
			t.true(answer.body.includes('That did not work'));
			t.is((await portal.get('/')).status, 200);
		}));
}

test('a body that is longer than it may be is not read on', (t) =>
	withPortal(async (portal) => {
		portal.station = GUEST;
		const answer = await portal.post('/redeem', { code: 'a'.repeat(10_000) });
		t.is(answer.status, 413);
		t.deepEqual(portal.service.asked, []);
	}));

test('a stranger learns nothing and can do nothing', (t) =>
	withPortal(async (portal) => {
		portal.station = undefined;
		for (const path of ['/', '/receipt', '/api/status']) t.is((await portal.get(path)).status, 403);
		for (const { action, mac, fields } of FORMS) {
			t.is((await portal.post(action, { ...fields, token: portal.token(mac, action) })).status, 403);
		}
		t.deepEqual(portal.service.asked, []);
	}));

test('a guest has no pages about an account', (t) =>
	withPortal(async (portal) => {
		portal.station = GUEST;
		for (const path of [
			'/top-up',
			'/devices',
			'/gift',
			'/group',
			'/alerts',
			'/receipt',
			'/receipt?session=s1',
			'/why',
		]) {
			const { status, body } = await portal.get(path);
			t.is(status, 403);
			t.true(body.includes('You need to be online for this.'));
		}
		const gift = await portal.post('/gift', { unit: 'byte', amount: '1', token: portal.token(GUEST, '/gift') });
		t.is(gift.status, 403);
		t.deepEqual(portal.service.asked, []);
	}));

test('a device of another account can be neither named nor removed', (t) =>
	withPortal(async (portal) => {
		portal.station = CUSTOMER;
		for (const mac of [GUEST, 'ff:ff:ff:ff:ff:ff', '', '02:00:00:00:00:01 ', '../x']) {
			const remove = await portal.post('/devices/remove', {
				mac,
				proof: OWN_CODE,
				token: portal.token(CUSTOMER, '/devices/remove'),
			});
			t.is(remove.status, 403, mac);
			const name = { mac, name: 'x', proof: OWN_CODE, token: portal.token(CUSTOMER, '/devices/rename') };
			t.is((await portal.post('/devices/rename', name)).status, 403, mac);
		}
	}));

test('names and numbers that make no sense are refused with the reason', (t) =>
	withPortal(async (portal) => {
		portal.station = CUSTOMER;
		for (const name of ['', ' ', '\u202e\u200b', 'x'.repeat(41)]) {
			const token = portal.token(CUSTOMER, '/devices/rename');
			t.is((await portal.post('/devices/rename', { mac: CUSTOMER, name, proof: OWN_CODE, token })).status, 422, name);
		}
		for (const amount of ['0', '-1', '1.5', '1e3', '', '99999999999', 'NaN', '0x10']) {
			for (const action of ['/gift', '/group/permit', '/alerts']) {
				const token = portal.token(CUSTOMER, action);
				t.is(
					(await portal.post(action, { unit: 'byte', amount, proof: OWN_CODE, token })).status,
					422,
					`${action} ${amount}`,
				);
			}
			t.is(
				(
					await portal.post('/group/allow', {
						member: 'bob',
						megabytes: amount || 'x',
						proof: OWN_CODE,
						token: portal.token(CUSTOMER, '/group/allow'),
					})
				).status,
				amount === '0' ? 303 : 422,
				amount,
			);
			portal.service.asked.splice(0);
		}
		for (const unit of ['', 'bytes', '__proto__', 'constructor']) {
			const token = portal.token(CUSTOMER, '/gift');
			t.is((await portal.post('/gift', { unit, amount: '1', proof: OWN_CODE, token })).status, 422, unit);
		}
		for (const percent of ['100', '0', '-1', '5.5', 'all']) {
			const token = portal.token(CUSTOMER, '/alerts');
			t.is(
				(await portal.post('/alerts', { kind: 'percent', unit: 'byte', percent, proof: OWN_CODE, token })).status,
				422,
				percent,
			);
		}
		t.deepEqual(portal.service.asked, []);
	}));

test('a gift that is sent twice is given once, and its code is shown once', (t) =>
	withPortal(async (portal) => {
		portal.station = CUSTOMER;
		const fields = { unit: 'byte', amount: '5', proof: OWN_CODE, token: portal.token(CUSTOMER, '/gift') };
		t.true((await portal.post('/gift', fields)).body.includes('GIFT-CODE'));
		const again = await portal.post('/gift', fields);
		t.is(again.status, 303);
		t.false(again.body.includes('GIFT-CODE'));
	}));

test('more than there is cannot be given', (t) =>
	withPortal(async (portal) => {
		portal.station = CUSTOMER;
		const answer = await portal.post('/gift', {
			unit: 'byte',
			amount: '13',
			proof: OWN_CODE,
			token: portal.token(CUSTOMER, '/gift'),
		});
		t.true(answer.body.includes('You have only 12.3 MB to give.'));
	}));

test('a defect is a page that says that nothing was charged, without its details', (t) =>
	withPortal(async (portal) => {
		portal.station = CUSTOMER;
		portal.service.fails = true;
		const { status, body } = await portal.get('/');
		t.is(status, 500);
		t.true(body.includes('Nothing was charged.'));
		t.false(body.includes('out of order'));
	}));

for (const { host, path, online } of PROBES) {
	const name = [...EXAMPLES()].find((example) => host.test(example)) as string;
	test(`${name}${path} leads to the portal, and tells who is online so`, (t) =>
		withPortal(async (portal) => {
			for (const mac of [GUEST, ENDED]) {
				portal.station = mac;
				const walled = await portal.get(path, { Host: name });
				t.is(walled.status, 302);
				t.is(walled.headers.get('location'), `http://127.0.0.1:${portal.port}/`);
			}
			portal.station = CUSTOMER;
			const answer = await portal.get(path, { Host: name });
			t.is(answer.status, online.status);
			t.is(answer.body, online.body as string);
		}));
}

function* EXAMPLES() {
	yield* [
		'captive.apple.com',
		'www.apple.com',
		'connectivitycheck.gstatic.com',
		'www.google.com',
		'connect.rom.miui.com',
	];
	yield* [
		'www.msftconnecttest.com',
		'www.msftncsi.com',
		'detectportal.firefox.com',
		'nmcheck.gnome.org',
		'network-test.debian.org',
	];
	yield* ['ping.archlinux.org', 'fedoraproject.org', 'connectivity-check.ubuntu.com', 'networkcheck.kde.org'];
}

test('the language of a link stays, in links, forms and redirects', (t) =>
	withPortal(async (portal) => {
		portal.station = GUEST;
		const { body } = await portal.get('/ar/', { 'Accept-Language': 'fr' });
		t.true(body.includes('<html lang="ar" dir="rtl">'));
		t.true(body.includes('action="/ar/redeem"'));
		const done = await portal.post('/ar/redeem', { code: 'GOOD', token: portal.token(GUEST, '/redeem') });
		t.is(done.headers.get('location'), '/ar/?notice=redeem_done');
		t.true((await portal.get('/', { 'Accept-Language': 'fr-CH' })).body.includes('<html lang="fr"'));
	}));

test('a notice is one of ours, or none', (t) =>
	withPortal(async (portal) => {
		portal.station = CUSTOMER;
		t.true((await portal.get('/?notice=redeem_done')).body.includes('Your code was accepted.'));
		t.false((await portal.get('/?notice=error_agent')).body.includes('Nothing was charged'));
	}));

test('the live figures are texts in the language of the page', (t) =>
	withPortal(async (portal) => {
		portal.station = CUSTOMER;
		const { body } = await portal.get('/hi/api/status');
		const figures = JSON.parse(body);
		t.is(figures.state, 'active own-blocked tethered-slowed byte-percent');
		t.is(figures.percent, 58);
		t.regex(figures.text.left, /12\.3/);
	}));

test('HEAD has no body, and the style is kept by browsers', (t) =>
	withPortal(async (portal) => {
		portal.station = GUEST;
		const style = /href="(\/style-[^"]+)"/.exec((await portal.get('/')).body)?.[1] as string;
		const answer = await portal.raw(`HEAD ${style} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
		t.is(answer.status, 200);
		t.is(answer.body, '');
		t.regex(answer.headers.get('cache-control') ?? '', /immutable/);
	}));

test('a program that sends forms without end is told to wait, and wears out no flash', (t) =>
	withPortal(async (portal) => {
		portal.station = CUSTOMER;
		const rename = async (name: string) => {
			const token = portal.token(CUSTOMER, '/devices/rename');
			return (await portal.post('/devices/rename', { mac: CUSTOMER, name, proof: OWN_CODE, token })).status;
		};
		const statuses = new Set<number>();
		for (let count = 0; count < 70; count++) {
			// From another address each time: it is not the number of requests that is limited.
			portal.from = `127.0.1.${count + 1}`;
			statuses.add(await rename(String(count)));
		}
		t.deepEqual([...statuses], [303, 429]);
		t.is(portal.service.asked.length, 60);
		portal.nowMs = 10_000;
		t.is(await rename('later'), 303);
	}));

test('who asks too often is told to wait, and the portal is not kept busy', (t) =>
	withPortal(async (portal) => {
		portal.station = GUEST;
		const answers = await Promise.all(Array.from({ length: 10 }, () => portal.get('/')));
		t.true(answers.every(({ status }) => status === 200));
		let refused: Answered | undefined;
		for (let round = 0; round < 20 && refused === undefined; round++) {
			// At once: one after the other would be slow enough on a busy machine.
			const some = await Promise.all(Array.from({ length: 15 }, () => portal.get('/api/status')));
			refused = some.find(({ status }) => status === 429);
		}
		t.true(refused?.body.includes('Very many people are asking now.'));
	}));
