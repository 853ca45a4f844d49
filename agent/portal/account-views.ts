import { liveFigures } from '../../ui/portal/live-figures.ts';
import type { PageContext } from '../../ui/portal/page-context.ts';
import { alertsPage } from '../../ui/portal/pages/alerts.ts';
import { billPage } from '../../ui/portal/pages/bill.ts';
import { devicesPage } from '../../ui/portal/pages/devices.ts';
import { giftPage } from '../../ui/portal/pages/gift.ts';
import { groupPage } from '../../ui/portal/pages/group.ts';
import { joinPage } from '../../ui/portal/pages/join.ts';
import { outOfCreditPage } from '../../ui/portal/pages/out-of-credit.ts';
import { receiptPage } from '../../ui/portal/pages/receipt.ts';
import { redeemPage } from '../../ui/portal/pages/redeem.ts';
import { statusPage } from '../../ui/portal/pages/status.ts';
import { topUpPage } from '../../ui/portal/pages/top-up.ts';
import { welcomePage } from '../../ui/portal/pages/welcome.ts';
import { whyPage } from '../../ui/portal/pages/why.ts';
import type { AccountId } from '../core/units.ts';
import type { Requester } from '../session/requester.ts';
import { type Answer, json, page } from './answer.ts';
import type { PortalService } from './service.ts';

/** One request for a page: who asks is known. */
export type View = {
	readonly service: PortalService;
	readonly context: PageContext;
	readonly who: Requester;
	readonly query: URLSearchParams;
	/** What an action has just made, to be shown this once. */
	readonly code?: string;
	/** How long that is good. */
	readonly validMs?: number;
};

/** Undefined: there is no such page now. */
type Draw = (view: View) => Answer | undefined;

/** As much as the field takes; what is longer is no code, and no address with one. */
const CODE_CHARACTERS_MAX = 512;

/** Pages that everybody may see. */
export const OPEN_VIEWS: Readonly<Record<string, Draw>> = {
	'/': home,
	'/redeem': redeem,
	// Where printed cards lead by default.
	'/code': redeem,
	'/join': ({ service, context }) => service.pairing && page(200, joinPage(context)),
	'/api/cost': ({ service, who }) => json(service.cost(who)),
	'/api/status': ({ service, context, who }) => json(liveFigures(context, service.live(who))),
};

/** Pages about an account: without one the visitor is told what is missing. */
export const ACCOUNT_VIEWS: Readonly<Record<string, (view: View & { account: AccountId }) => Answer | undefined>> = {
	'/top-up': ({ service, context, account }) => {
		const wallet = service.wallet(account);
		return page(200, topUpPage(context, { account, plans: service.plans, ...(wallet && { wallet }) }));
	},
	'/devices': ({ service, context, who, account, code, validMs = 0 }) => {
		const pairing = code === undefined ? {} : { pairing: { code, validMs } };
		return page(200, devicesPage(context, { devices: service.devices(who.mac, account), ...pairing }));
	},
	'/gift': ({ service, context, account, code }) => {
		if (!service.gifts) return undefined;
		const waiting = service.gifts.waiting(account);
		const available = service.giveable(account);
		return page(200, giftPage(context, { available, waiting, ...(code !== undefined && { code }) }));
	},
	'/group': ({ service, context, account, code }) => {
		const groups = service.groups(account);
		if (groups.length === 0) return undefined;
		const available = service.shareable(account);
		return page(200, groupPage(context, { groups, available, ...(code !== undefined && { code }) }));
	},
	'/alerts': ({ service, context, account }) => {
		if (!service.alerts) return undefined;
		const alerts = service.alerts.list(account);
		return page(200, alertsPage(context, { alerts, units: unitsOf(service, account) }));
	},
	'/receipt': ({ service, context, account, query }) => {
		const session = query.get('session');
		if (session !== null) {
			const bill = service.bill(account, session);
			return bill && page(200, billPage(context, bill));
		}
		const sessions = service.sessions(account);
		const movements = service.movements(account);
		return page(200, receiptPage(context, { account, sessions, movements }));
	},
	'/why': ({ service, context, account }) => page(200, whyPage(context, { sessions: service.why(account) })),
};

/** Data first, money only for those who have a wallet. */
function unitsOf(service: PortalService, account: AccountId): string[] {
	return ['byte', 'second', ...(service.wallet(account) ? ['micro'] : [])];
}

/** The first page: it depends on how the station stands. */
function home({ service, context, who, query }: View): Answer {
	const { mac, account } = who;
	const free = service.free && { free: { plan: service.free.plan, isTaken: service.free.isTaken(mac) } };
	if (account === undefined) {
		return page(200, welcomePage(context, { plans: service.plans, ...free, code: codeOf(query) }));
	}
	if (service.state(who) === 'blocked') {
		const wallet = service.shop && service.wallet(account);
		const plans = service.plans.filter(({ priceMicro }) => priceMicro !== undefined);
		const end = service.end(account);
		return page(200, outOfCreditPage(context, { end, account, ...free, ...(wallet && { wallet, plans }) }));
	}
	return page(200, statusPage(context, service.status(mac, account)));
}

function redeem({ service, context, query }: View): Answer | undefined {
	return service.codes && page(200, redeemPage(context, { code: codeOf(query) }));
}

function codeOf(query: URLSearchParams): string {
	return (query.get('code') ?? query.get('c') ?? '').slice(0, CODE_CHARACTERS_MAX);
}
