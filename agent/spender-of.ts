import type { Spender } from './identity/spender.ts';
import type { Meter } from './meter/meter.ts';

/** The meter, as those who know people rather than bytes see it. */
export function spenderOf(meter: Meter): Spender {
	return {
		credit: (account, work) => meter.credit(account, work),
		withdraw: (account, work) => meter.withdraw(account, work),
		attach: (mac, account) => meter.attach(mac, account),
		detach: (mac, reason) => meter.detach(mac, reason),
		accountOf: (mac) => meter.find(mac)?.pool.account,
		stations: (account) => [...(meter.pools.of(account)?.meters.values() ?? [])].map(({ mac }) => mac),
	};
}
