import test from 'ava';
import { formatOf } from '../../../ui/portal/format.ts';
import { html } from '../../../ui/portal/html.ts';
import { LANGUAGE_TAGS, type LanguageTag } from '../../../ui/portal/language.ts';
import { LIVE_SCRIPT } from '../../../ui/portal/live-script.ts';
import type { PageContext } from '../../../ui/portal/page-context.ts';
import { alertsPage } from '../../../ui/portal/pages/alerts.ts';
import { billPage } from '../../../ui/portal/pages/bill.ts';
import { devicesPage } from '../../../ui/portal/pages/devices.ts';
import { errorPage } from '../../../ui/portal/pages/error.ts';
import { giftPage } from '../../../ui/portal/pages/gift.ts';
import { groupPage } from '../../../ui/portal/pages/group.ts';
import { joinPage } from '../../../ui/portal/pages/join.ts';
import { outOfCreditPage } from '../../../ui/portal/pages/out-of-credit.ts';
import { proofPage } from '../../../ui/portal/pages/proof.ts';
import { receiptPage } from '../../../ui/portal/pages/receipt.ts';
import { redeemPage } from '../../../ui/portal/pages/redeem.ts';
import { statusPage } from '../../../ui/portal/pages/status.ts';
import { topUpPage } from '../../../ui/portal/pages/top-up.ts';
import { welcomePage } from '../../../ui/portal/pages/welcome.ts';
import { whyPage } from '../../../ui/portal/pages/why.ts';
import { styleSheet } from '../../../ui/portal/style-sheet.ts';
import { translator } from '../../../ui/portal/translate.ts';
import { CUSTOMER, fakeService, HOSTILE } from '../../agent/portal/fake-service.ts';
import { matchesGolden } from '../../golden.ts';

const service = fakeService();
const ADA = 'ada' as never;
const waiting = service.gifts?.waiting(ADA) ?? [];
const status = service.status(CUSTOMER, 'ada' as never);
const dated = status.packages.map(({ leftSeconds: _, ...one }) => ({
	...one,
	expiresAtWallMs: Date.UTC(2026, 10, 27, 12),
}));
const free = { plan: service.free?.plan ?? (service.plans[0] as never), isTaken: false };

const PAGES: Record<string, (page: PageContext) => string> = {
	welcome: (page) => welcomePage({ ...page, isConnected: false }, { plans: service.plans, free }),
	'welcome-taken': (page) =>
		welcomePage({ ...page, isConnected: false }, { plans: [], free: { ...free, isTaken: true }, code: 'ABCD' }),
	redeem: (page) => redeemPage({ ...page, notice: { kind: 'bad', text: page.t('redeem_unknown') } }, { code: 'ABCD' }),
	status: (page) => statusPage({ ...page, notice: { kind: 'good', text: page.t('redeem_done') } }, status),
	'status-fair-use': (page) =>
		statusPage(page, { ...withoutRemaining(), state: 'throttled', low: [], packages: dated, clockIsSet: true }),
	'top-up': (page) => topUpPage(page, { account: 'ada', plans: service.plans, wallet: service.wallet(ADA) as never }),
	devices: (page) => devicesPage(page, { devices: status.devices, pairing: { code: '123456', validMs: 120_000 } }),
	gift: (page) => giftPage(page, { available: service.giveable(ADA), waiting, code: 'ABCD-EFGH' }),
	'gift-nothing': (page) => giftPage(page, { available: [], waiting: [] }),
	group: (page) =>
		groupPage(page, { groups: service.groups(ADA), available: service.shareable(ADA), code: 'abcd-efgh-jkmn-pqrs' }),
	alerts: (page) => alertsPage(page, { alerts: service.alerts?.list(ADA) ?? [], units: ['byte', 'second', 'micro'] }),
	receipt: (page) =>
		receiptPage(page, { account: 'ada', sessions: service.sessions(ADA), movements: service.movements(ADA) }),
	bill: (page) => billPage(page, service.bill(ADA, 's1') as never),
	why: (page) => whyPage(page, { sessions: service.why(ADA) }),
	'out-of-allowance': (page) =>
		outOfCreditPage(page, { end: { cause: 'allowance', unit: 'byte', amount: 5e6 }, account: 'ada' }),
	'out-with-wallet': (page) =>
		outOfCreditPage(page, {
			end: service.end(ADA),
			account: 'ada',
			wallet: service.wallet(ADA) as never,
			plans: service.plans,
		}),
	'out-of-credit': (page) => outOfCreditPage(page, { end: service.end('ada' as never), account: 'ada', free }),
	'out-of-credit-expired': (page) =>
		outOfCreditPage(page, { end: { cause: 'expired', plan: 'Small', unit: 'byte', amount: 5e6 }, account: 'ada' }),
	rest: (page) => outOfCreditPage(page, { end: { cause: 'rest', unit: 'byte', amount: 1 }, account: 'ada' }),
	paused: (page) => outOfCreditPage(page, { end: { cause: 'blocked' }, account: 'ada' }),
	join: joinPage,
	proof: (page) =>
		proofPage(
			{ ...page, notice: { kind: 'bad', text: page.t('proof_wrong') } },
			{
				action: '/gift',
				fields: [
					['unit', 'byte'],
					['amount', '5'],
					['token', HOSTILE],
				],
				canProve: true,
			},
		),
	'proof-without-code': (page) =>
		proofPage(
			{ ...page, notice: { kind: 'bad', text: page.t('proof_no_code') } },
			{ action: '/gift', fields: [], canProve: false },
		),
	error: (page) => errorPage(page, { message: 'error_not_found' }),
	'without-codes': (page) =>
		welcomePage(
			{
				...page,
				isConnected: false,
				features: { redeem: false, pair: false, gift: false, alerts: false, group: false },
			},
			{ plans: service.plans },
		),
};

for (const [name, draw] of Object.entries(PAGES)) {
	for (const tag of ['en', 'ar'] as const) {
		test(`the page ${name} in ${tag}`, (t) => {
			matchesGolden(t, `test/ui/portal/golden/${name}.${tag}.html`, draw(contextOf(tag)));
		});
	}

	for (const tag of LANGUAGE_TAGS) {
		test(`the page ${name} in ${tag} can be used by everybody`, (t) => {
			const text = draw(contextOf(tag));
			t.regex(text, new RegExp(`^<!DOCTYPE html>\n<html lang="${tag}" dir="${tag === 'ar' ? 'rtl' : 'ltr'}">`));
			t.is(text.match(/<h1[ >]/g)?.length, 1, 'one first heading');
			t.is(text.match(/<main[ >]/g)?.length, 1, 'one main landmark');
			const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]);
			t.is(new Set(ids).size, ids.length, 'ids differ');
			for (const [, list = ''] of text.matchAll(/aria-(?:labelledby|describedby)="([^"]+)"/g)) {
				for (const id of list.split(' ')) t.true(ids.includes(id), `${id} is there`);
			}
			for (const [input] of text.matchAll(/<(?:input(?![^>]*type="hidden")|select)[^>]*>/g)) {
				const id = /\sid="([^"]+)"/.exec(input)?.[1];
				t.true(text.includes(`<label for="${id}">`), `${input} has a label`);
			}
			t.notRegex(text, /\{\w+\}|undefined|\[object|NaN/);
		});
	}

	test(`the page ${name} is small in every language`, (t) => {
		const shared = styleSheet('#0b6bcb').length + LIVE_SCRIPT.length;
		for (const tag of LANGUAGE_TAGS) t.true(Buffer.byteLength(draw(contextOf(tag))) + shared < 24_000, tag);
	});
}

function withoutRemaining() {
	const { remaining: _, ...rest } = status;
	return rest;
}

function contextOf(language: LanguageTag): PageContext {
	return {
		language,
		languages: LANGUAGE_TAGS,
		t: translator(language),
		format: formatOf(language, 'UTC', 'EUR'),
		venue: { name: 'Café <Octroi>', accent: '#0b6bcb', logo: '/logo.svg' },
		features: { redeem: true, pair: true, gift: true, alerts: true, group: true },
		path: '/',
		href: (path) => `/${language}${path}`,
		assets: { style: '/style.css', script: '/live.js' },
		proof: (action) => html`<input type="hidden" name="token" value="${action}">`,
		isConnected: true,
	};
}
