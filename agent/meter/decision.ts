import type { BootMs } from '../core/units.ts';
import type { Account, End } from '../ledger/account.ts';
import { bytesPerSecond, elapsedSeconds, type Pool, unsettledBytes } from './pool.ts';
import { type WindowLimits, windowBytes } from './window.ts';

/** What the ledger shall reserve for a pool. */
export type Reserve = { readonly byte: number; readonly second: number };

const NOTHING: Reserve = { byte: 0, second: 0 };

/**
 * What a pool needs reserved now: seconds if the account has some, for as long as each station can have a whole one;
 * otherwise bytes.
 *
 * @param account as the ledger has it, before what is unsettled is charged
 */
export function wantedReserve(pool: Pool, account: Account, now: BootMs, limits: WindowLimits): Reserve {
	if (account.blocked || pool.meters.size === 0) return NOTHING;
	let elapsed = 0;
	for (const meter of pool.meters.values()) elapsed += elapsedSeconds(meter, now);
	const seconds = account.available.second + account.reserved.second - elapsed;
	if (seconds >= pool.meters.size) return { byte: 0, second: seconds };
	const used = pool.mode === 'time' || pool.mode === 'slow' ? 0 : unsettledBytes(pool);
	const spendableBytes = account.available.byte + account.reserved.byte - used;
	const openBytes = pool.mode === 'bytes' ? Math.max(0, pool.openBytes - used) : 0;
	return {
		byte: windowBytes({ spendableBytes, openBytes, bytesPerSecond: bytesPerSecond(pool, now) }, limits),
		second: 0,
	};
}

/** What an account that cannot pay any more may still do. */
export function endMode(account: Pick<Account, 'blocked'>, end: End): { mode: 'nothing' | 'slow'; reason: string } {
	if (account.blocked) return { mode: 'nothing', reason: 'the account is blocked' };
	if (end.atEnd === 'throttle') return { mode: 'slow', reason: 'the balance is used up; fair use' };
	return { mode: 'nothing', reason: end.package === undefined ? 'nothing was bought yet' : 'the balance is used up' };
}
