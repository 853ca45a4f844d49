import test from 'ava';
import { ACCOUNT_ACTIONS } from '../../../agent/portal/account-actions.ts';
import { ACCOUNT_VIEWS, OPEN_VIEWS } from '../../../agent/portal/account-views.ts';
import { CAPTIVE_API_PATH } from '../../../agent/portal/captive-api.ts';
import { OPEN_ACTIONS } from '../../../agent/portal/open-actions.ts';
import { EVENTS_PATH } from '../../../agent/portal/portal.ts';
import { CLONE, CODELESS, CUSTOMER, GUEST, OWN_CODE } from './fake-service.ts';
import { FORMS } from './forms.ts';
import { RunningPortal } from './running-portal.ts';

/**
 * What each kind of requester gets of each page: `page`; `stranger`: what a guest gets, to the letter; `closed`: no page about an account.
 * nobody: not of a metered network. clone: the customer's MAC address with an address of its own.
 */
const PAGES = {
	//                     nobody    guest       clone       customer
	'/': ['closed', 'page', 'stranger', 'page'],
	'/redeem': ['closed', 'page', 'stranger', 'page'],
	'/code': ['closed', 'page', 'stranger', 'page'],
	'/join': ['closed', 'page', 'stranger', 'page'],
	'/api/cost': ['closed', 'page', 'stranger', 'page'],
	'/api/status': ['closed', 'page', 'stranger', 'page'],
	'/api/events': ['closed', 'page', 'stranger', 'page'],
	'/top-up': ['closed', 'closed', 'closed', 'page'],
	'/devices': ['closed', 'closed', 'closed', 'page'],
	'/gift': ['closed', 'closed', 'closed', 'page'],
	'/group': ['closed', 'closed', 'closed', 'page'],
	'/alerts': ['closed', 'closed', 'closed', 'page'],
	'/receipt': ['closed', 'closed', 'closed', 'page'],
	'/why': ['closed', 'closed', 'closed', 'page'],
} as const satisfies Record<string, readonly ('page' | 'stranger' | 'closed')[]>;

/**
 * What each kind of requester does with each form, sent with its token: `acts`; `asked`: is asked for the code of the account, and nothing
 * is done; `refused`: an error, and nothing is done. borrower: nothing tells it from the customer (MAC address and address), and it has
 * no code. codeless: the customer of an account that no code opens.
 */
const ACTS = {
	//                      nobody     guest      clone      borrower   customer  codeless
	'/redeem': ['refused', 'acts', 'refused', 'acts', 'acts', 'acts'],
	'/join': ['refused', 'acts', 'refused', 'acts', 'acts', 'acts'],
	'/free': ['refused', 'acts', 'refused', 'acts', 'acts', 'acts'],
	'/devices/rename': ['refused', 'refused', 'refused', 'asked', 'acts', 'asked'],
	'/devices/remove': ['refused', 'refused', 'refused', 'asked', 'acts', 'asked'],
	'/devices/pair': ['refused', 'refused', 'refused', 'asked', 'acts', 'asked'],
	'/buy': ['refused', 'refused', 'refused', 'asked', 'acts', 'asked'],
	'/renewal/end': ['refused', 'refused', 'refused', 'asked', 'acts', 'asked'],
	'/gift': ['refused', 'refused', 'refused', 'asked', 'acts', 'asked'],
	'/gift/back': ['refused', 'refused', 'refused', 'asked', 'acts', 'asked'],
	'/group/allow': ['refused', 'refused', 'refused', 'asked', 'acts', 'asked'],
	'/group/permit': ['refused', 'refused', 'refused', 'asked', 'acts', 'asked'],
	'/group/take': ['refused', 'refused', 'refused', 'acts', 'acts', 'acts'],
	'/alerts': ['refused', 'refused', 'refused', 'acts', 'acts', 'acts'],
	'/alerts/remove': ['refused', 'refused', 'refused', 'acts', 'acts', 'acts'],
	'/alerts/seen': ['refused', 'refused', 'refused', 'acts', 'acts', 'acts'],
} as const satisfies Record<string, readonly ('acts' | 'asked' | 'refused')[]>;

const READERS = [undefined, GUEST, CLONE, CUSTOMER] as const;
const SENDERS = [
	['nobody', undefined, ''],
	['guest', GUEST, OWN_CODE],
	['clone', CLONE, OWN_CODE],
	['borrower', CUSTOMER, ''],
	['customer', CUSTOMER, OWN_CODE],
	['codeless', CODELESS, OWN_CODE],
] as const;

test('every page and every form is in the tables', (t) => {
	const pages = [...Object.keys(OPEN_VIEWS), ...Object.keys(ACCOUNT_VIEWS), EVENTS_PATH];
	t.deepEqual(Object.keys(PAGES).toSorted(), pages.toSorted());
	const actions = [...Object.keys(OPEN_ACTIONS), ...Object.keys(ACCOUNT_ACTIONS)];
	t.deepEqual(Object.keys(ACTS).toSorted(), actions.toSorted());
	t.deepEqual(FORMS.map(({ action }) => action).toSorted(), actions.toSorted());
	t.is(CAPTIVE_API_PATH, '/api/captive-portal', 'only over TLS: see the test of the interface for programs');
});

for (const [path, expected] of Object.entries(PAGES)) {
	test(`who sees what of ${path}`, async (t) => {
		const portal = await RunningPortal.start();
		t.teardown(() => portal.stop());
		const bodies: string[] = [];
		for (const [index, station] of READERS.entries()) {
			portal.station = station;
			const { status, body } = await (path === EVENTS_PATH ? firstEvent(portal) : portal.get(path));
			bodies.push(withoutToken(body));
			const kind = expected[index];
			t.is(status, kind === 'closed' ? 403 : 200, `${path} for ${station}`);
			if (kind === 'stranger')
				t.is(withoutReason(bodies[index]), bodies[1] ?? '', `${path} tells a clone what it tells no guest`);
		}
	});
}

for (const [action, expected] of Object.entries(ACTS)) {
	test(`who may send ${action}`, async (t) => {
		const form = FORMS.find((one) => one.action === action) as (typeof FORMS)[number];
		for (const [index, [name, station, proof]] of SENDERS.entries()) {
			const portal = await RunningPortal.start();
			portal.station = station;
			const mac = (station === CLONE ? CUSTOMER : (station ?? GUEST)) as typeof CUSTOMER;
			const { status, body } = await portal.post(action, { ...form.fields, proof, token: portal.token(mac, action) });
			const what = `${action} by ${name}: ${status}`;
			const kind = expected[index];
			if (kind === 'acts') {
				t.true(portal.service.asked.length > 0, what);
			} else {
				t.deepEqual(portal.service.asked, [], what);
				t.true(status === (kind === 'asked' ? 422 : 403) || (kind === 'refused' && status === 422), what);
				t.is(/Is it you\?/.test(body), kind === 'asked', what);
			}
			await portal.stop();
		}
	});
}

test('the page that asks for the code sends the same form, once', async (t) => {
	const portal = await RunningPortal.start();
	t.teardown(() => portal.stop());
	portal.station = CUSTOMER;
	const token = portal.token(CUSTOMER, '/gift');
	const fields = { unit: 'byte', amount: '5', token, note: '"><script>' };
	const { status, body } = await portal.post('/ar/gift', { ...fields, proof: '' });
	t.is(status, 422);
	t.true(body.includes('action="/ar/gift"'));
	t.false(body.includes('<script>'));
	const again = Object.fromEntries(
		[...body.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
	);
	t.like(again, { unit: 'byte', amount: '5', token });
	const wrong = await portal.post('/gift', { ...fields, proof: 'GUESS' });
	t.is(wrong.status, 422);
	t.true(wrong.body.includes('This is not the code of this account.'));
	t.false(wrong.body.includes('GUESS'), 'a code that was typed is not shown again');
	const waiting = await portal.post('/gift', { ...fields, proof: 'WAIT' });
	t.is(waiting.status, 429);
	t.true(waiting.body.includes('Try again in 1 min 30 sec.'));
	t.deepEqual(portal.service.asked, []);
	for (let count = 0; count < 2; count++) await portal.post('/gift', { ...fields, proof: OWN_CODE });
	t.deepEqual(
		portal.service.asked,
		['give ada 5000000 byte', 'give ada 5000000 byte'],
		'the service knows the name again',
	);
	portal.station = CODELESS;
	const refused = await portal.post('/gift', { ...fields, proof: OWN_CODE, token: portal.token(CODELESS, '/gift') });
	t.true(refused.body.includes('Your account has no code'));
	t.false(refused.body.includes('name="proof"'));
});

test('a device that would leave an account with credit is asked for its code', async (t) => {
	const portal = await RunningPortal.start();
	t.teardown(() => portal.stop());
	portal.station = CUSTOMER;
	const send = async (proof: string) =>
		await portal.post('/redeem', { code: 'OTHER', proof, token: portal.token(CUSTOMER, '/redeem') });
	t.true((await send('')).body.includes('Is it you?'));
	t.deepEqual(portal.service.asked, []);
	t.is((await send(OWN_CODE)).status, 303);
	portal.station = CLONE;
	const { body } = await send(OWN_CODE);
	t.true(body.includes('A device with the same hardware address is online already.'));
});

function withoutToken(body: string): string {
	return body.replaceAll(/name="token" value="[^"]*"/g, '');
}

/** Of the stream, its head and its first message. */
async function firstEvent(portal: RunningPortal): Promise<{ status: number; body: string }> {
	const text = await portal.begins(`GET ${EVENTS_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`, /data: .*\n\n|<\/html>/);
	return { status: Number(text.split(' ')[1]), body: text.slice(text.indexOf('\r\n\r\n')) };
}

/** He is told why he is refused, which everybody can hear on the air: beside it the page is a guest's, to the letter. */
function withoutReason(body = ''): string {
	return body
		.replace(/<p class="notice bad"[^>]*>A device with the same hardware address is online already\.[^<]*<\/p>/, '')
		.replace(' aria-describedby="code-hint notice" aria-invalid="true"', ' aria-describedby="code-hint"');
}
