import type { PlanModel } from '../../ui/portal/models.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, MacAddress, WallMs } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PackageTerms, TopUpResult } from '../ledger/package.ts';
import type { Requester } from '../session/requester.ts';
import type { PortalService } from './service.ts';

const DAY_MS = 86_400_000;

type Free = NonNullable<PortalService['free']>;
type Enter = (
	who: Requester,
	proof: string,
	free: { readonly account: AccountId; readonly take: () => Promise<boolean> },
) => ReturnType<Free['take']>;

export type FreePlanOptions = {
	readonly plan: PlanModel;
	readonly terms: PackageTerms;
	readonly ledger: Pick<Ledger, 'account' | 'createAccount' | 'history'>;
	readonly topUp: (request: { transferId: string; account: AccountId; terms: PackageTerms }) => Promise<TopUpResult>;
	readonly admit: (mac: MacAddress, account: AccountId) => Promise<unknown>;
	readonly accountOf: (mac: MacAddress) => AccountId | undefined;
	/** Decides whether the device may go there, and then takes the plan. */
	readonly enter: Enter;
	/** Null: not known. */
	readonly trustedWallMs: () => WallMs | null;
	/** Of this boot: stands for the day while the date is not known. */
	readonly bootId: string;
};

/** All but the one that is given away: by its name, as a policy may have overlaid it with terms of its own. */
export function plansForSale<Plan extends { readonly name: string }>(
	plans: readonly Plan[],
	free: string | undefined,
): readonly Plan[] {
	return plans.filter(({ name }) => name !== free);
}

/**
 * A plan that the venue gives away, once a day for each device. The day is part of the purchase's id, so it is the ledger that
 * refuses the second one, across restarts too. A device that changes its address is another device: nothing here can tell.
 */
export function freePlan(options: FreePlanOptions): Free {
	const { plan, terms, ledger, topUp, admit, enter, accountOf, trustedWallMs, bootId } = options;
	const own = (mac: MacAddress) => `free-${mac.replaceAll(':', '')}` as AccountId;
	const today = (mac: MacAddress): string => {
		const wallMs = trustedWallMs();
		const day = wallMs === null ? `boot-${bootId.slice(0, 8)}` : String(Math.floor(wallMs / DAY_MS));
		return `${own(mac)}-${day}`;
	};
	const take = async (mac: MacAddress): Promise<boolean> => {
		const account = own(mac);
		ledger.createAccount({ id: account });
		const { answer } = await topUp({ transferId: today(mac), account, terms });
		if (answer !== 'created' && answer !== 'exists') {
			throw new OctroiError('internal', `the free plan was answered ${answer}`);
		}
		const { available, reserved } = ledger.account(account) ?? { available: undefined, reserved: undefined };
		const left = available && reserved ? available.byte + reserved.byte + available.second + reserved.second : 0;
		if (answer === 'exists' && left === 0) return false;
		if (accountOf(mac) !== account) await admit(mac, account);
		return true;
	};
	return {
		plan,
		isTaken(mac) {
			if (ledger.account(own(mac)) === undefined) return false;
			return ledger.history(own(mac), { limit: 100 }).some(({ id }) => id === today(mac));
		},
		take: (who, proof) => enter(who, proof, { account: own(who.mac), take: () => take(who.mac) }),
	};
}
