import type { Plan } from '../config/config.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { BuyResult } from '../ledger/wallet-purchase.ts';
import type { Meter } from '../meter/meter.ts';
import { termsOf } from './plan-terms.ts';

type Parts = {
	readonly ledger: Pick<Ledger, 'buy'>;
	readonly meter: Pick<Meter, 'withdraw'>;
	readonly moment: () => Moment;
};

/**
 * Buys a plan from an account's wallet. For a moment nothing is reserved for the kernel, so that all of the money can be spent;
 * stations go on in the flows that they have.
 *
 * @throws OctroiError `not_allowed` for a plan without a price, `ledger_*`, `netlink_*`
 */
export async function buyPlan(
	{ ledger, meter, moment }: Parts,
	{ transferId, account, plan }: { transferId: string; account: AccountId; plan: Plan },
): Promise<BuyResult> {
	const { priceMicro } = plan;
	if (priceMicro === undefined) {
		throw new OctroiError('not_allowed', `the plan ${plan.name} has no price`, { fix: 'give it a `priceMicro`' });
	}
	return await meter.withdraw(account, () =>
		ledger.buy({ transferId, account, package: termsOf(plan), priceMicro, at: moment() }),
	);
}
