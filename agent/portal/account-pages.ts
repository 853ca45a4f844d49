import type { DeviceModel, EndModel, MovementModel, StatusModel } from '../../ui/portal/models.ts';
import type { AccountId, MacAddress } from '../core/units.ts';
import { shownEnd } from '../ledger/validity.ts';
import type { CreditPages } from './credit-pages.ts';
import type { GroupPages } from './group-pages.ts';
import { MOVEMENTS_MAX } from './limits.ts';
import { nameOf, type PageParts } from './page-parts.ts';
import type { UsageCharts } from './usage-charts.ts';

export type AccountPagesOptions = PageParts & {
	readonly credit: CreditPages;
	readonly groups: GroupPages;
	readonly charts: UsageCharts;
};

/** What the pages about an account show, from the ledger and the meter. Reads only. */
export class AccountPages {
	readonly #options: AccountPagesOptions;

	constructor(options: AccountPagesOptions) {
		this.#options = options;
	}

	status(mac: MacAddress, account: AccountId): StatusModel {
		const { ledger, credit, groups, charts, planTitle, unbooked, moment } = this.#options;
		const open = unbooked(account);
		const active = ledger.renewals(account).filter((one) => one.active);
		const at = moment();
		return {
			...credit.live({ mac, account }),
			packages: credit.ownPackages(account).map((one) => {
				const { id, planName, unit, amount, remaining, expiresAtWallMs, pace, stationsMax } = one;
				const { endMs, leftSeconds } = shownEnd(expiresAtWallMs, at);
				// The package of a later cycle is named after that of the first.
				const renewal = one.renews && active.find((each) => id === each.id || id.startsWith(`${each.id}~`));
				return {
					plan: planTitle(planName),
					unit,
					amount,
					remaining,
					...(endMs === undefined ? {} : { expiresAtWallMs: endMs }),
					...(leftSeconds === undefined ? {} : { leftSeconds }),
					...(pace === undefined ? {} : { pace }),
					...(stationsMax === undefined ? {} : { stationsMax }),
					...(renewal ? { renewal: renewal.id } : {}),
				};
			}),
			groups: groups.groups(account),
			devices: this.devices(mac, account),
			chart: charts.of(account, open?.unit === 'byte' ? open.amount : 0),
			clockIsSet: at.trustedWallMs != null,
		};
	}

	/** Why the account has come to its end: what its newest movements say. */
	end(account: AccountId): EndModel {
		const { ledger, groups, planTitle } = this.#options;
		if (ledger.isBlocked(account)) return { cause: 'blocked' };
		const refusal = this.#options.refusal(account);
		if (refusal !== undefined) return { cause: refusal };
		const used = groups.usedAllowance(account);
		if (used) return { cause: 'allowance', ...used };
		const history = ledger.history(account, { limit: MOVEMENTS_MAX });
		const last = history.find(
			({ reason, planName }) => planName !== undefined && (reason === 'used' || reason === 'expired'),
		);
		if (last?.planName === undefined) return this.#unspent(account);
		const plan = planTitle(last.planName);
		if (last.reason === 'expired') return { cause: 'expired', plan, unit: last.unit, amount: last.amount };
		const came = history.find((one) => CAME.includes(one.reason) && one.package === last.package);
		const amount = history.reduce(
			(sum, one) => sum + (one.reason === 'used' && one.package === last.package ? one.amount : 0),
			0,
		);
		return { cause: 'used', plan, unit: last.unit, amount: came?.amount ?? amount };
	}

	/** Nothing was ever spent: nothing is there, or less than a packet, which the meter leaves alone and which adds to the next purchase. */
	#unspent(account: AccountId): EndModel {
		const { ledger, moment } = this.#options;
		const { byte } = ledger.funds(account, moment()).packages;
		return byte > 0 ? { cause: 'rest', unit: 'byte', amount: byte } : { cause: 'nothing' };
	}

	devices(mac: MacAddress, account: AccountId): DeviceModel[] {
		const { station, stationsOf } = this.#options;
		return stationsOf(account).map((one) => {
			const { upBytes, downBytes } = station(one);
			const name = nameOf(this.#options, one);
			return { mac: one, isThis: one === mac, usedBytes: upBytes + downBytes, ...(name === undefined ? {} : { name }) };
		});
	}

	/** Newest first; in front what the kernel has counted since the last entry. */
	movements(account: AccountId): MovementModel[] {
		const { ledger, planTitle, unbooked, moment } = this.#options;
		const open = unbooked(account);
		const booked = ledger
			.history(account, { limit: MOVEMENTS_MAX })
			.map(({ wallMs, reason, unit, amount, planName }) => ({
				wallMs,
				reason,
				unit,
				amount,
				...(planName === undefined ? {} : { plan: planTitle(planName) }),
			}));
		if (open === undefined || open.amount === 0) return booked;
		return [{ wallMs: moment().wallMs, reason: 'open', unit: open.unit, amount: open.amount }, ...booked];
	}
}

/** By what a package comes whole. */
const CAME: readonly string[] = ['topup', 'renewed', 'received', 'gift_claimed', 'gift_returned'];
