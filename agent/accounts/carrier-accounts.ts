import type { Meter } from '../meter/meter.ts';
import { unsettledBytes, unsettledFreeBytes } from '../meter/pool.ts';
import type { Accounts } from '../sync/accounts.ts';

/** What the carrier's messages do to accounts, done by the meter. */
export function carrierAccounts(meter: Meter): Accounts {
	return {
		settle() {
			// Time is charged with the renewals that its pools have anyway.
			const due = meter.pools
				.all()
				.filter((pool) => pool.mode !== 'time' && unsettledBytes(pool) + unsettledFreeBytes(pool) > 0);
			if (due.length > 0) meter.charger.settleRests(due);
		},
		credit: (account, work) => meter.credit(account, work),
		withdraw: (account, work) => meter.withdraw(account, work),
		changed: (account) => void meter.creditChanged(account),
		detach: (mac, reason) => meter.detach(mac, reason),
		stations: (account) => [...(meter.pools.of(account)?.meters.values() ?? [])].map(({ mac }) => mac),
		spending: () =>
			meter.pools
				.all()
				.filter(({ meters }) => meters.size > 0)
				.map((pool) => ({ account: pool.account, unsettledBytes: unsettledBytes(pool) })),
	};
}
