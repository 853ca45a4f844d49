import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, MeterId, WallMs } from '../core/units.ts';
import type { Account } from '../ledger/account.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { SettleResult } from '../ledger/settle.ts';
import type { Charger } from './charger.ts';
import { endMode, wantedReserve } from './decision.ts';
import type { Gate, PoolReading, Right } from './gate.ts';
import { type MeterState, type Pool, usedBytes } from './pool.ts';
import type { Pools } from './pools.ts';
import { REMAINDER_BYTES, sliceSeconds, splitWindow, type WindowLimits } from './window.ts';

/** Why a grant is renewed. */
export type Cause = 'change' | 'low-water' | 'depleted';

/** Longest wait of a timer: a day. The wait for a later expiry is renewed then. */
const TIMER_MAX_MS = 86_400_000;
/** A full disk or a busy kernel may be well again soon; senders of large packets send smaller ones. */
const RETRY_MS = 2000;

export type RenewalOptions = {
	readonly gate: Gate;
	readonly ledger: Ledger;
	readonly pools: Pools;
	readonly charger: Charger;
	readonly clock: Clock;
	/** The wall clock if it is known to be set, else null. */
	readonly trustedWallMs: () => WallMs | null;
	readonly limits: WindowLimits;
	readonly log: Log;
};

/**
 * Renews what the kernel may spend. The whole cycle: read the kernel's figures, charge them and reserve what comes next (one
 * transaction, durable), and only then let the kernel spend it. All changes of one pool happen one after the other.
 */
export class Renewal {
	readonly #options: RenewalOptions;
	#stopped = false;

	constructor(options: RenewalOptions) {
		this.#options = options;
	}

	/** Runs `work` when all earlier changes of the pool are done. */
	turn<Value>(pool: Pool, work: () => Promise<Value>): Promise<Value> {
		const done = pool.turn.then(work);
		pool.turn = done.then(
			() => undefined,
			() => undefined,
		);
		return done;
	}

	/** Renews when the pool's turn comes; what fails is logged and tried again. */
	renewInTurn(pool: Pool, cause: Cause = 'change'): void {
		const { log } = this.#options;
		this.turn(pool, () => this.renew(pool, cause)).catch((error) => {
			if (!this.#isCurrent(pool)) return;
			// The kernel tells of a low water once. Until this works again, it spends what it has, and then stops.
			log.error({ account: pool.account, error }, 'could not renew the grant; trying again');
			this.#wake(pool, RETRY_MS);
		});
	}

	/** The cycle; to be called in the pool's turn. @throws the `ledger_*` and `netlink_*` codes */
	async renew(pool: Pool, cause: Cause = 'change'): Promise<void> {
		const { gate, ledger, clock, limits, charger } = this.#options;
		const reading = await gate.read(pool.id, [...pool.meters.keys()]);
		if (!this.#isCurrent(pool)) return;
		charger.note(pool, reading);
		const account = ledger.account(pool.account);
		if (!account) throw noAccount(pool.account);
		const reserve = wantedReserve(pool, account, clock.bootMs(), limits);
		if (pool.mode === 'bytes' && reserve.byte > 0) {
			// The last bytes are being spent already: nothing more can come, so nothing is to be changed.
			if (cause === 'low-water' && reserve.byte === charger.rest(pool).byte) return;
			// Nothing could pass: the packets were larger than the rest. Smaller ones get their chance, but not at once, or the
			// sender of large ones could keep us busy.
			const stuck = reading.reserve?.depleted === true && usedBytes(pool) === pool.armedUsedBytes;
			if (stuck && cause === 'depleted') return this.#wake(pool, RETRY_MS);
		}
		const result = charger.settle(pool, reserve);
		await this.#allow(pool, { reading, result, account });
		this.#schedule(pool);
	}

	/** The stations that stay keep their right while others leave. */
	rightToStay(pool: Pool, staying: readonly MeterState[]): Right {
		if (staying.length === 0) return { kind: 'nothing' };
		if (pool.mode !== 'time') return { kind: 'same' };
		return { kind: 'time', milliseconds: sliceMilliseconds(staying, this.#options.clock.bootMs()) };
	}

	/** No more timers, no more renewals. The kernel goes on with what it was granted. */
	stop(): void {
		this.#stopped = true;
		for (const pool of this.#options.pools.all()) pool.cancelTimer?.();
	}

	/** False when everything was begun anew since: what belongs to the pool is settled elsewhere. */
	#isCurrent(pool: Pool): boolean {
		return !this.#stopped && this.#options.pools.isCurrent(pool);
	}

	/** Gives the kernel what was granted. */
	async #allow(
		pool: Pool,
		{ reading, result, account }: { reading: PoolReading; result: SettleResult; account: Account },
	): Promise<void> {
		const { gate, clock } = this.#options;
		const { right, reason } = this.#right(pool, { reading, result, account });
		await gate.apply({ pool: pool.id, meters: [...pool.meters.values()], right });
		pool.mode = right.kind;
		pool.reason = reason;
		pool.armedAtMs = clock.bootMs();
		pool.armedUsedBytes = usedBytes(pool);
	}

	#right(
		pool: Pool,
		{ reading, result, account }: { reading: PoolReading; result: SettleResult; account: Account },
	): { right: Exclude<Right, { kind: 'same' }>; reason: string } {
		const { ledger, clock, trustedWallMs } = this.#options;
		const seconds = sliceSeconds(result.granted.second, pool.meters.size);
		cutSlices(pool, seconds, clock.bootMs());
		if (seconds > 0) {
			const milliseconds = sliceMilliseconds([...pool.meters.values()], clock.bootMs());
			return { right: { kind: 'time', milliseconds }, reason: 'a time package is running' };
		}
		if (result.granted.byte >= REMAINDER_BYTES) {
			const parts = splitWindow(result.granted.byte);
			return { right: { kind: 'bytes', ...parts, reading }, reason: 'within its balance' };
		}
		const end = ledger.endOf(pool.account, trustedWallMs());
		const { mode, reason } = endMode(account, end);
		if (mode === 'nothing') return { right: { kind: 'nothing' }, reason };
		return { right: { kind: 'slow', bytesPerSecond: end.throttleBytesPerSecond ?? 1 }, reason };
	}

	/** Wakes up at the end of a slice of time, and when a package expires. */
	#schedule(pool: Pool): void {
		const { clock, ledger, trustedWallMs } = this.#options;
		const sliced = [...pool.meters.values()].filter(({ slice }) => slice);
		const waits = [...sliceMilliseconds(sliced, clock.bootMs()).values()];
		const wallMs = trustedWallMs();
		const expiry = wallMs === null ? null : ledger.nextExpiry(pool.account, wallMs);
		if (wallMs !== null && expiry !== null) waits.push(expiry - wallMs);
		pool.cancelTimer?.();
		pool.cancelTimer = undefined;
		if (waits.length > 0) this.#wake(pool, Math.min(...waits) + 1);
	}

	#wake(pool: Pool, waitMs: number): void {
		pool.cancelTimer?.();
		const bounded = Math.min(TIMER_MAX_MS, Math.max(1, waitMs));
		pool.cancelTimer = this.#options.clock.after(bounded, () => this.renewInTurn(pool));
	}
}

/** Gives each meter a slice of so many seconds. A second that has begun in the old slice goes on in the new one. */
function cutSlices(pool: Pool, seconds: number, now: Pool['armedAtMs']): void {
	for (const meter of pool.meters.values()) {
		meter.slice = seconds > 0 ? { sinceMs: meter.slice?.sinceMs ?? now, seconds } : undefined;
	}
}

/** What is left of each meter's slice. */
function sliceMilliseconds(meters: readonly MeterState[], now: number): Map<MeterId, number> {
	return new Map(
		meters.map(({ meter, slice }) => [meter, slice ? slice.sinceMs + slice.seconds * 1000 - now : 0] as const),
	);
}

/** The account that was named, or whose stations are attached, is not in the ledger. */
export function noAccount(account: AccountId): OctroiError {
	return new OctroiError('not_found', `there is no account ${account}`, {
		fix: `create it: octroi account create ${account}`,
	});
}
