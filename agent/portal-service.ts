import type { CarrierLine } from './carrier-line.ts';
import { termsOf } from './code-handlers.ts';
import type { Config, Plan } from './config/config.ts';
import type { Clock } from './core/clock.ts';
import type { Log } from './core/log.ts';
import type { TrustedClock } from './core/trusted-clock.ts';
import type { AccountId, MacAddress } from './core/units.ts';
import type { Identity } from './identity/identity.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Meter } from './meter/meter.ts';
import { AccountPages } from './portal/account-pages.ts';
import { CustomerSettings } from './portal/customer-settings.ts';
import { freePlan } from './portal/free-plan.ts';
import type { PortalService, RedeemAnswer } from './portal/service.ts';
import { UsageCharts } from './portal/usage-charts.ts';
import type { StationRow } from './status/protocol.ts';

export type PortalServiceParts = {
	readonly config: Config;
	readonly clock: Clock;
	readonly trusted: TrustedClock;
	readonly ledger: Ledger;
	readonly meter: Meter;
	readonly identity: Identity;
	readonly line: CarrierLine;
	readonly row: (mac: MacAddress) => StationRow;
	readonly log: Log;
};

/** The portal's own interface, filled by the parts of this agent. */
export function portalService(parts: PortalServiceParts): PortalService {
	const { config, clock, trusted, ledger, meter, identity, line, row, log } = parts;
	const accountOf = (mac: MacAddress) => meter.find(mac)?.pool.account;
	const stationsOf = (account: AccountId): MacAddress[] =>
		[...(meter.pools.of(account)?.meters.values() ?? [])].map(({ mac }) => mac);
	const settings = new CustomerSettings({ path: `${config.database}.customers.json`, log });
	settings.load();
	const pages = new AccountPages({
		ledger,
		row,
		stationsOf,
		settings,
		charts: new UsageCharts({ ledger, wallMs: () => clock.wallMs() }),
		planTitle: (name) => line.catalogue.plan(name)?.title ?? name,
		wallMs: () => clock.wallMs(),
		clockIsSet: () => trusted.wallMs() !== null,
	});
	const given = config.plans.find(({ name }) => name === config.portal.freePlan);
	const isOf = (device: MacAddress, account: AccountId) => accountOf(device) === account;
	return {
		get plans() {
			return line.catalogue.plans.filter((plan) => plan !== given);
		},
		accountOf,
		live: (mac) => pages.live(mac),
		status: (mac, account) => pages.status(mac, account),
		end: (account) => pages.end(account),
		devices: (mac, account) => pages.devices(mac, account),
		movements: (mac, account) => pages.movements(mac, account),
		why: (mac, account) => pages.why(mac, account),
		rename(account, device, name) {
			if (!isOf(device, account)) return false;
			settings.setDeviceName(device, name);
			return true;
		},
		async remove(account, device) {
			if (!isOf(device, account)) return false;
			await meter.detach(device, 'removed on the portal');
			return true;
		},
		...(given && { free: free(parts, given, accountOf) }),
		codes: { redeem: (mac, typed) => redeem(identity, accountOf, mac, typed) },
		gifts: gifts(parts),
		pairing: pairing(identity),
		alerts: {
			percent: (account) => settings.alertPercent(account),
			set: (account, percent) => settings.setAlertPercent(account, percent),
		},
	};
}

/** Who spends an account already tops it up; to everybody else the code opens its own. */
async function redeem(
	{ desk }: Identity,
	accountOf: (mac: MacAddress) => AccountId | undefined,
	mac: MacAddress,
	typed: string,
): Promise<RedeemAnswer> {
	const account = accountOf(mac);
	let entry = await desk.enter({ typed, mac, ...(account === undefined ? {} : { account }) });
	let isTopUp = account !== undefined;
	// A code that belongs to an account already takes the station there: the identity is the code.
	if (isTopUp && (entry.answer === 'bound' || entry.answer === 'used')) {
		const opened = await desk.enter({ typed, mac });
		if (opened.answer === 'returned' || opened.answer === 'redeemed') {
			entry = opened;
			isTopUp = false;
		}
	}
	switch (entry.answer) {
		case 'redeemed':
			return { answer: isTopUp ? 'topped_up' : 'redeemed' };
		case 'wait':
			return { answer: 'wait', waitMs: entry.waitMs };
		case 'no_account':
		case 'blocked':
		case 'bound':
		case 'revoked':
			return { answer: 'refused' };
		default:
			return { answer: entry.answer };
	}
}

function gifts({ ledger, row, identity }: PortalServiceParts): PortalService['gifts'] {
	return {
		availableBytes(mac, account) {
			const { remaining } = row(mac);
			if (remaining?.unit === 'byte') return remaining.amount;
			const found = ledger.account(account);
			return found ? found.available.byte + found.reserved.byte : 0;
		},
		async give(account, bytes, id) {
			const { answer, code, available } = await identity.gifts.give({ id, account, unit: 'byte', amount: bytes });
			if (answer === 'given' || answer === 'exists')
				return { answer: 'given', ...(code === undefined ? {} : { code }) };
			return { answer: 'too_little', availableBytes: available ?? 0 };
		},
	};
}

function pairing({ pairing: desk }: Identity): PortalService['pairing'] {
	return {
		shown: (account) => desk.list().find((one) => one.account === account),
		show: (account) => desk.start(account),
		async join(mac, typed) {
			const paired = await desk.confirm(typed, mac);
			return paired.answer === 'wait' ? { waitMs: paired.waitMs } : paired.answer;
		},
	};
}

function free(
	{ clock, trusted, ledger, meter, identity }: PortalServiceParts,
	plan: Plan,
	accountOf: (mac: MacAddress) => AccountId | undefined,
): PortalService['free'] {
	return freePlan({
		plan,
		terms: termsOf(plan),
		ledger,
		topUp: (request) => meter.topUp(request),
		admit: (mac, account) => identity.admission.admit({ mac, account, devices: 1 }),
		accountOf,
		trustedWallMs: () => trusted.wallMs(),
		bootId: clock.bootId,
	});
}
