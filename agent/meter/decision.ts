import type { BootMs } from '../core/units.ts';
import type { Account, End } from '../ledger/account.ts';
import type { Funds } from '../ledger/funds.ts';
import type { SettleResult } from '../ledger/settle.ts';
import { bytesPerSecond, elapsedSeconds, type Pool, type PoolMode, payableBytes } from './pool.ts';
import { REMAINDER_BYTES, type WindowLimits, windowBytes } from './window.ts';

/** What the ledger shall reserve for a pool. */
export type Reserve = {
	readonly byte: number;
	readonly second: number;
	/** Nothing else is left: the rest may come from the grace allowance. */
	readonly grace?: true;
	/** Nothing changes for the kernel: what is granted stays, less what was used. */
	readonly keep?: true;
	/** The kernel lets nothing pass any more: where nothing can be reserved, usage records end. */
	readonly ends?: true;
	/** A station stops: what it has begun of a second is stored, whatever stays. */
	readonly stops?: true;
};

/** What a pool gets next. */
export type Plan = {
	readonly account: Pick<Account, 'blocked'>;
	readonly reserve: Reserve;
	readonly mode: PoolMode;
	/** Of what is reserved only the part of one speed can be granted. */
	readonly isMixed: boolean;
};

const NOTHING: Reserve = { byte: 0, second: 0 };

/**
 * A wallet that pays by the minute is reserved for so long at once, for each station: what a power cut can cost a customer
 * of a venue that decides for itself.
 */
export const WALLET_SECONDS_MAX = 3600;

/**
 * What a pool needs reserved now, in the order in which it is spent: time that was bought, then bytes (bought, then from the
 * wallet), then time from the wallet, and what is allowed after the end. Of time each station must get a whole second.
 *
 * @param funds as the ledger has them, before what is unsettled is charged
 */
export function wantedReserve(
	pool: Pool,
	{ blocked, funds }: { blocked: boolean; funds: Funds },
	now: BootMs,
	limits: WindowLimits,
): Reserve {
	const stations = pool.meters.size;
	if (blocked || stations === 0) return NOTHING;
	let elapsed = 0;
	for (const meter of pool.meters.values()) elapsed += elapsedSeconds(meter, now);
	const used = pool.mode === 'time' || pool.mode === 'slow' ? 0 : payableBytes(pool);
	const bought = { byte: funds.packages.byte + funds.wallet.byte - used, second: funds.packages.second - elapsed };
	const isByteLeft = bought.byte >= REMAINDER_BYTES;
	// Unsettled time may have been of the wallet already: then `bought.second` is below 0 by so much.
	const walletSeconds = funds.wallet.second + Math.min(0, bought.second);
	const isWalletTimeLeft = walletSeconds >= stations;
	const boughtSeconds = Math.max(0, bought.second);
	if (boughtSeconds >= stations) return { byte: 0, second: boughtSeconds };
	if (isByteLeft && (funds.grace.byte === 0 || isWalletTimeLeft))
		return bytes(pool, { bytes: bought.byte, used }, now, limits);
	if (isWalletTimeLeft && !isByteLeft) {
		return { byte: 0, second: boughtSeconds + Math.min(walletSeconds, WALLET_SECONDS_MAX * stations) };
	}
	return afterTheEnd(pool, { funds, bought, used, stations }, now, limits);
}

/** The last of what was bought, and the grace allowance. */
function afterTheEnd(
	pool: Pool,
	{ funds, bought, used, stations }: { funds: Funds; bought: Reserve; used: number; stations: number },
	now: BootMs,
	limits: WindowLimits,
): Reserve {
	const { grace } = funds;
	const seconds = Math.max(0, bought.second + funds.wallet.second + grace.second);
	if (grace.second > 0 && bought.byte < REMAINDER_BYTES && seconds >= stations)
		return { byte: 0, second: seconds, grace: true };
	const reserve = bytes(pool, { bytes: bought.byte + grace.byte, used }, now, limits);
	return grace.byte > 0 && reserve.byte > 0 ? { ...reserve, grace: true } : reserve;
}

function bytes(
	pool: Pool,
	{ bytes: spendableBytes, used }: { bytes: number; used: number },
	now: BootMs,
	limits: WindowLimits,
): Reserve {
	const openBytes = pool.mode === 'bytes' ? Math.max(0, pool.openBytes - used) : 0;
	const rate = { bytesPerSecond: bytesPerSecond(pool, now) };
	return { byte: windowBytes({ spendableBytes, openBytes, ...rate }, limits), second: 0 };
}

/** What an account that cannot pay any more may still do. */
export function endMode(account: Pick<Account, 'blocked'>, end: End): 'nothing' | 'slow' {
	return !account.blocked && end.atEnd === 'throttle' ? 'slow' : 'nothing';
}

/** What the kernel may go on with by itself: the rate of fair use, if these bytes are the last that there are. */
export function slowAfter(
	{ available, inGrace, grants }: SettleResult,
	endOf: (id: string) => End,
): { bytesPerSecond: number } | undefined {
	const last = grants.at(-1);
	const isLast = available.byte + available.second + available.micro === 0 && !inGrace && last?.unit === 'byte';
	const end = isLast ? endOf(last.package) : undefined;
	return end?.atEnd === 'throttle' ? { bytesPerSecond: end.throttleBytesPerSecond ?? 1 } : undefined;
}

/**
 * Whether the kernel must let go of what it has before the ledger reserves anew: where the kind of right changes, and where less
 * may come of it than the kernel still holds. It must never hold more than is reserved.
 *
 * @param rest what the kernel may still spend
 */
export function mustSuspend(
	pool: Pick<Pool, 'mode' | 'slowsByItself'>,
	{ mode, reserve, isMixed }: Plan,
	rest: Reserve,
): boolean {
	if (pool.mode === 'nothing') return false;
	// Fair use may begin at any moment: what it lets pass must not be charged to what comes next.
	if (pool.slowsByItself || mode !== pool.mode) return true;
	if (isMixed && reserve.byte + reserve.second > 0) return true;
	if (mode === 'time') return reserve.second < rest.second;
	return mode === 'bytes' && reserve.byte < rest.byte;
}
