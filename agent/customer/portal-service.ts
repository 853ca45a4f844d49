import { termsOf } from '../accounts/plan-terms.ts';
import type { Config, Plan } from '../config/config.ts';
import type { AccountId, MacAddress } from '../core/units.ts';
import { takeOverFormerSettings } from '../ledger/import-v0-1-settings.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Meter } from '../meter/meter.ts';
import { elapsedSeconds, sessionBytes, unsettledBytes } from '../meter/pool.ts';
import { poolRefusal } from '../meter/pool-refusal.ts';
import { AccountPages } from '../portal/account-pages.ts';
import { CreditPages } from '../portal/credit-pages.ts';
import { freePlan, plansForSale } from '../portal/free-plan.ts';
import { GroupPages } from '../portal/group-pages.ts';
import type { PageParts, Unbooked } from '../portal/page-parts.ts';
import type { PortalService } from '../portal/service.ts';
import { REMOVED_ON_THE_PORTAL, SessionPages } from '../portal/session-pages.ts';
import { UsageCharts } from '../portal/usage-charts.ts';
import { PortalAdmission } from './portal-admission.ts';
import type { PortalServiceParts } from './portal-service-parts.ts';
import { alertDesk, giftDesk, groupDesk, shop } from './self-service.ts';

/** The portal's own interface, filled by the parts of this agent. */
export function portalService(parts: PortalServiceParts): PortalService {
	const { config, ledger, meter, identity, line, rows, moment, log } = parts;
	takeOverFormerSettings({ path: `${config.database}.customers.json`, ledger, moment, log });
	const accountOf = (mac: MacAddress) => meter.find(mac)?.pool.account;
	const pageParts: PageParts = {
		ledger,
		row: (mac) => rows.row(mac),
		station: (mac) => rows.plain(mac),
		counted: (mac) => countedOf(meter, mac),
		stationsOf: (account) => [...(meter.pools.of(account)?.meters.values() ?? [])].map(({ mac }) => mac),
		unbooked: (account) => unbookedOf(meter, account, moment()),
		refusal: (account) => {
			const pool = meter.pools.of(account);
			return pool && poolRefusal(pool);
		},
		moment,
		planTitle: (name) => line.catalogue.plan(name)?.title ?? name,
	};
	const { currency, zeroRated } = config;
	const credit = new CreditPages({ ...pageParts, currency, zeroRated });
	const groups = new GroupPages(pageParts);
	const charts = new UsageCharts({ ledger, wallMs: () => moment().wallMs });
	const pages = new AccountPages({ ...pageParts, credit, groups, charts });
	const sessions = new SessionPages(pageParts);
	const given = config.plans.find(({ name }) => name === config.portal.freePlan);
	const { senders } = parts;
	const admission = new PortalAdmission({
		identity,
		accountOf,
		state: (who) => credit.state(who),
		leases: (who) => senders.leases.holds(who),
		isTakeable: async (who) => (await senders.obstacle(who)) === undefined,
		take: (who) => senders.take(who),
	});
	const isOf = (device: MacAddress, account: AccountId) => accountOf(device) === account;
	return {
		get plans() {
			return plansForSale(line.catalogue.plans, given?.name).map((plan) => withClasses(plan, config));
		},
		live: (who) => credit.live(who),
		state: (who) => credit.state(who),
		prove: (who, account, typed) => admission.prove(who, account, typed),
		status: (mac, account) => pages.status(mac, account),
		end: (account) => pages.end(account),
		wallet: (account) => credit.wallet(account),
		devices: (mac, account) => pages.devices(mac, account),
		movements: (account) => pages.movements(account),
		sessions: (account) => sessions.sessions(account),
		bill: (account, session) => sessions.bill(account, session),
		why: (account) => sessions.why(account),
		cost: (who) => credit.cost(who),
		giveable: (account) => credit.giveable(account),
		shareable: (account) => credit.shareable(account),
		isInGroup: (account) => groups.isInGroup(account),
		groups: (account) => groups.groups(account),
		rename(account, device, name) {
			if (!isOf(device, account)) return false;
			ledger.nameDevice(device, name);
			return true;
		},
		async remove(account, device) {
			if (!isOf(device, account)) return false;
			await meter.detach(device, REMOVED_ON_THE_PORTAL);
			return true;
		},
		endRenewal: (account, renewal) => ledger.endRenewal(account, renewal) !== 'not_found',
		...groupDesk(parts),
		...(given && { free: free(parts, given, admission) }),
		get shop() {
			return line.catalogue.plans.some(({ priceMicro }) => priceMicro !== undefined) ? shop(parts) : undefined;
		},
		codes: { redeem: (who, typed, proof) => admission.redeem(who, typed, proof) },
		gifts: giftDesk(parts),
		pairing: {
			show: (account) => identity.pairing.start(account),
			join: (who, typed, proof) => admission.join(who, typed, proof),
		},
		alerts: alertDesk(parts, credit),
	};
}

/** Where devices behind are told apart, each plan says what they and what own flows may have; else none does. */
function withClasses({ own, tethered, ...plan }: Plan, { tethered: usual }: Config): PortalService['plans'][number] {
	return usual.detect ? { ...plan, own: own ?? usual.own, tethered: tethered ?? usual } : plan;
}

function countedOf(meter: Meter, mac: MacAddress): ReturnType<PageParts['counted']> {
	const state = meter.find(mac)?.meter;
	return state && { session: state.session, bytes: sessionBytes(state) };
}

/** What the kernel has counted of an account and the ledger has not booked; undefined: nobody spends it now. */
function unbookedOf(meter: Meter, account: AccountId, { bootMs }: Moment): Unbooked | undefined {
	const pool = meter.pools.of(account);
	if (!pool) return undefined;
	if (pool.mode !== 'time') return { unit: 'byte', amount: unsettledBytes(pool), isFree: pool.mode === 'slow' };
	const amount = [...pool.meters.values()].reduce((sum, one) => sum + elapsedSeconds(one, bootMs), 0);
	return { unit: 'second', amount, isFree: false };
}

function free(
	{ clock, trusted, ledger, meter, identity }: PortalServiceParts,
	plan: Plan,
	admission: PortalAdmission,
): PortalService['free'] {
	return freePlan({
		plan,
		terms: termsOf(plan),
		ledger,
		topUp: (request) => meter.topUp(request),
		admit: (mac, account) => identity.admission.admit({ mac, account, devices: 1 }),
		enter: (who, proof, own) => admission.takeFree(who, proof, own),
		accountOf: (mac) => meter.find(mac)?.pool.account,
		trustedWallMs: () => trusted.wallMs(),
		bootId: clock.bootId,
	});
}
