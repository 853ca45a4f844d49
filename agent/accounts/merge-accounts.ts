import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, MacAddress } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { MergeResult } from '../ledger/merge-store.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Meter } from '../meter/meter.ts';
import type { Admission } from './admission.ts';

type Parts = {
	readonly ledger: Ledger;
	readonly meter: Meter;
	readonly admission: Admission;
	readonly moment: () => Moment;
};

/**
 * All that an account has becomes another's: its credit in one transaction, then its stations, one by one, each with a record. For
 * the moment of the transaction nothing of it is reserved, and what passed before is charged to it. If it is cut short, asking again
 * goes on with the stations that are left.
 *
 * @throws OctroiError `not_found`, `not_allowed`, `invalid_value`, `ledger_*`, `netlink_*`
 */
export async function mergeAccounts(
	{ ledger, meter, admission, moment }: Parts,
	{ from, into }: { readonly from: AccountId; readonly into: AccountId },
): Promise<MergeResult & { readonly stations: readonly MacAddress[] }> {
	const stationsOf = (account: AccountId) =>
		[...(meter.pools.of(account)?.meters.values() ?? [])].map(({ mac }) => mac);
	const merged = await meter.withdraw(from, () => {
		const coming = stationsOf(from).length;
		const stations = coming === 0 ? 0 : coming + stationsOf(into).length;
		if (coming > 0) refuseMore(ledger, into, stations);
		return ledger.merge({ from, into, stations, at: moment() });
	});
	if (merged.answer === 'not_found') return { ...merged, stations: [] };
	await meter.creditChanged(into);
	const moved: MacAddress[] = [];
	for (const mac of stationsOf(from)) {
		if (meter.find(mac)?.pool.account !== from) continue;
		await admission.handOver(mac, into, 'operator');
		moved.push(mac);
	}
	return { ...merged, stations: moved };
}

/** The voucher that opened an account may let in so many: nobody is put out by a merge. */
function refuseMore(ledger: Ledger, into: AccountId, stations: number): void {
	if (ledger.isBlocked(into) === undefined) return;
	const devices = ledger.codes.devicesOf(into);
	if (devices === null || stations <= devices) return;
	throw new OctroiError('not_allowed', `${into} would have ${stations} stations at once, and may have ${devices}`, {
		fix: 'detach some first',
	});
}
