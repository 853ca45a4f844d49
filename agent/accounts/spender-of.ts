import type { AccountId, MacAddress } from '../core/units.ts';
import type { Meter } from '../meter/meter.ts';
import type { Spender } from './spending.ts';

/** The meter, as those who know people rather than bytes see it. */
export function spenderOf(meter: Meter): Spender {
	return {
		credit: (account, work) => meter.credit(account, work),
		withdraw: (account, work) => meter.withdraw(account, work),
		async attach(mac, account) {
			const idle = meter.pools.isNearlyFull ? stationWithNothing(meter, account) : undefined;
			if (idle !== undefined) await meter.detach(idle, 'it had nothing left, and its place was needed');
			return await meter.attach(mac, account);
		},
		detach: (mac, reason) => meter.detach(mac, reason),
		accountOf: (mac) => meter.find(mac)?.pool.account,
		stations: (account) => [...(meter.pools.of(account)?.meters.values() ?? [])].map(({ mac }) => mac),
	};
}

/** Whoever has used up what he had (or takes a plan that is given away, again and again as somebody else) keeps nobody out who has something. */
function stationWithNothing(meter: Meter, except: AccountId): MacAddress | undefined {
	for (const pool of meter.pools.all()) {
		if (pool.mode !== 'nothing' || pool.account === except) continue;
		const [first] = pool.meters.values();
		if (first !== undefined) return first.mac;
	}
	return undefined;
}
