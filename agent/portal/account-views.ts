import { liveFigures } from '../../ui/portal/live-figures.ts';
import type { PageContext } from '../../ui/portal/page-context.ts';
import { alertsPage } from '../../ui/portal/pages/alerts.ts';
import { devicesPage } from '../../ui/portal/pages/devices.ts';
import { giftPage } from '../../ui/portal/pages/gift.ts';
import { joinPage } from '../../ui/portal/pages/join.ts';
import { outOfCreditPage } from '../../ui/portal/pages/out-of-credit.ts';
import { receiptPage } from '../../ui/portal/pages/receipt.ts';
import { redeemPage } from '../../ui/portal/pages/redeem.ts';
import { statusPage } from '../../ui/portal/pages/status.ts';
import { topUpPage } from '../../ui/portal/pages/top-up.ts';
import { welcomePage } from '../../ui/portal/pages/welcome.ts';
import { whyPage } from '../../ui/portal/pages/why.ts';
import type { AccountId, MacAddress } from '../core/units.ts';
import { type Answer, json, page } from './answer.ts';
import type { PortalService } from './service.ts';

/** One request for a page: who asks is known. */
export type View = {
	readonly service: PortalService;
	readonly context: PageContext;
	readonly mac: MacAddress;
	readonly account: AccountId | undefined;
	readonly query: URLSearchParams;
};

/** Undefined: there is no such page now. */
type Draw = (view: View) => Answer | undefined;

/** A printed QR code may be long; what is longer is no code. */
const CODE_CHARACTERS_MAX = 100;

/** Pages that everybody may see. */
export const OPEN_VIEWS: Readonly<Record<string, Draw>> = {
	'/': home,
	'/redeem': redeem,
	// Where printed cards lead by default.
	'/code': redeem,
	'/join': ({ service, context }) => service.pairing && page(200, joinPage(context)),
	'/api/status': ({ service, context, mac }) => json(liveFigures(context, service.live(mac))),
};

/** Pages about an account: without one the visitor is told what is missing. */
export const ACCOUNT_VIEWS: Readonly<Record<string, (view: View & { account: AccountId }) => Answer | undefined>> = {
	'/top-up': ({ service, context, account }) => page(200, topUpPage(context, { account, plans: service.plans })),
	'/devices': ({ service, context, mac, account }) => {
		const pairing = service.pairing?.shown(account);
		return page(200, devicesPage(context, { devices: service.devices(mac, account), ...(pairing && { pairing }) }));
	},
	'/gift': ({ service, context, mac, account }) =>
		service.gifts && page(200, giftPage(context, { availableBytes: service.gifts.availableBytes(mac, account) })),
	'/alerts': ({ service, context, account }) =>
		service.alerts && page(200, alertsPage(context, { percent: service.alerts.percent(account) })),
	'/receipt': ({ service, context, mac, account }) =>
		page(200, receiptPage(context, { account, movements: service.movements(mac, account) })),
	'/why': ({ service, context, mac, account }) => page(200, whyPage(context, { trees: service.why(mac, account) })),
};

/** The first page: it depends on how the station stands. */
function home({ service, context, mac, account, query }: View): Answer {
	const free = service.free && { free: { plan: service.free.plan, isTaken: service.free.isTaken(mac) } };
	if (account === undefined) {
		return page(200, welcomePage(context, { plans: service.plans, ...free, code: codeOf(query) }));
	}
	if (service.live(mac).state === 'blocked') {
		return page(200, outOfCreditPage(context, { end: service.end(account), account, ...free }));
	}
	return page(200, statusPage(context, service.status(mac, account)));
}

function redeem({ service, context, query }: View): Answer | undefined {
	return service.codes && page(200, redeemPage(context, { code: codeOf(query) }));
}

function codeOf(query: URLSearchParams): string {
	return (query.get('code') ?? query.get('c') ?? '').slice(0, CODE_CHARACTERS_MAX);
}
