import type { AccountId } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { TakeResult } from '../ledger/permission-store.ts';
import type { Meter } from '../meter/meter.ts';

type Parts = { readonly ledger: Ledger; readonly meter: Meter; readonly moment: () => Moment };

/**
 * Takes what a permission allows. A giver who is online has most of what is left reserved for the kernel; for a moment nothing is,
 * so that all that is not used can be taken. What was taken passes at once in the flows that the taker has.
 *
 * @throws OctroiError `not_allowed` when the giver no longer has the amount, `ledger_*`, `netlink_*`
 */
export async function redeemPermission(
	{ ledger, meter, moment }: Parts,
	request: { transferId: string; code: string; taker: AccountId },
): Promise<TakeResult> {
	const take = () => ledger.take({ ...request, at: moment() });
	const giver = ledger.giverOf(request.code);
	const taken = giver === undefined ? take() : await meter.withdraw(giver, take);
	if (taken.answer === 'created') await meter.creditChanged(request.taker);
	return taken;
}
