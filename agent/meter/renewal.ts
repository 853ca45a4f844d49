import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Moment, validityTime } from '../ledger/moment.ts';
import type { ClassPolicy } from '../ledger/package.ts';
import type { SettleResult } from '../ledger/settle.ts';
import type { Charger } from './charger.ts';
import { carriedOn, classRight, poolClass } from './class-right.ts';
import { endMode, mustSuspend, type Plan, slowAfter, wantedReserve } from './decision.ts';
import type { ClassRight, Gate, PoolChange, PoolReading, Right } from './gate.ts';
import { type MeterState, type Pool, usedBytes } from './pool.ts';
import type { Pools } from './pools.ts';
import type { Reader } from './reader.ts';
import { endReason, leftOf, type RightReason, reasonText, rightReason } from './right-reason.ts';
import { cutSlices, endSlice, sliceMilliseconds, takeBegun } from './slice.ts';
import { REMAINDER_BYTES, restOf, sliceSeconds, splitWindow, type WindowLimits } from './window.ts';

/** Why a grant is renewed. */
export type Cause = 'change' | 'low-water' | 'depleted' | 'withdrawal';

/** Longest wait of a timer: a day. The wait for a later expiry is renewed then. */
const TIMER_MAX_MS = 86_400_000;
/** A full disk or a busy kernel may be well again soon. */
export const RETRY_MS = 2000;

type Allowed = { readonly right: Exclude<Right, { kind: 'same' }>; readonly reason: RightReason };
/** What a renewal has read, and what the ledger has granted. */
type Outcome = { readonly reading: PoolReading; readonly result: SettleResult; readonly account: Plan['account'] };

export type RenewalOptions = {
	readonly gate: Gate;
	readonly ledger: Ledger;
	readonly pools: Pools;
	readonly charger: Charger;
	readonly reader: Reader;
	readonly clock: Clock;
	readonly moment: () => Moment;
	readonly limits: WindowLimits;
	/** For plans that do not say. `own` absent: flows are not told apart, and own ones have everything, whatever a plan says. */
	readonly own?: ClassPolicy;
	readonly tethered?: ClassPolicy;
	readonly log: Log;
	readonly onRight?: (pool: Pool) => void;
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
		void this.turn(pool, () => this.attempt(pool, cause));
	}

	/** Renews; what fails is logged and tried again. To be called in the pool's turn. */
	async attempt(pool: Pool, cause: Cause = 'change'): Promise<void> {
		try {
			await this.renew(pool, cause);
		} catch (error) {
			if (!this.#isCurrent(pool)) return;
			// The kernel tells of a low water once. Until this works again, it spends what it has, and then stops.
			this.#options.log.error({ account: pool.account, error }, 'could not renew the grant; trying again');
		}
	}

	/**
	 * The cycle; to be called in the pool's turn. What fails is tried again later, too.
	 *
	 * @throws the `ledger_*` and `netlink_*` codes
	 */
	async renew(pool: Pool, cause: Cause = 'change'): Promise<void> {
		try {
			await this.#cycle(pool, cause);
			this.#stalled(pool, undefined);
		} catch (error) {
			this.retry(pool);
			if (cause === 'depleted' || pool.stalled !== undefined) this.#stalled(pool, (error as Error).message);
			throw error;
		}
	}

	/** Notes that the kernel has nothing left of what it was granted, and why it gets no more; or that it does again. */
	#stalled(pool: Pool, why: string | undefined): void {
		if (pool.stalled === why) return;
		pool.stalled = why;
		this.#options.pools.decided?.add(pool);
	}

	/** Renews a pool soon: something could not be done to its end. */
	retry(pool: Pool): void {
		if (this.#isCurrent(pool)) this.#wake(pool, RETRY_MS);
	}

	/**
	 * Ends what the kernel lets pass, and charges all of it for the right that it had. Before every change of the kind of
	 * right, and before a reservation shrinks: else packets of the last moment would pass for one right and be charged for
	 * another, or pass unreserved.
	 *
	 * @throws the `ledger_*` and `netlink_*` codes
	 */
	async suspend(pool: Pool): Promise<void> {
		const { gate, charger, reader } = this.#options;
		// A change would make counters anew that have vanished, and nobody would know.
		await reader.read(pool);
		await gate.apply({ pool: pool.id, meters: [...pool.meters.values()], right: { kind: 'nothing' } });
		await reader.read(pool);
		charger.settle(pool, { byte: 0, second: 0 }, this.#options.moment());
		pool.mode = 'nothing';
		pool.own = { right: pool.own.right };
		pool.tethered = { right: pool.tethered.right };
		pool.slowsByItself = false;
		this.#options.pools.decided?.add(pool);
		for (const meter of pool.meters.values()) endSlice(pool, meter, this.#options.clock.bootMs());
	}

	async #cycle(pool: Pool, cause: Cause): Promise<void> {
		const { charger, reader } = this.#options;
		// One moment for the whole cycle: nothing may expire between the check and the charge.
		const moment = this.#options.moment();
		let reading = await reader.read(pool);
		if (!this.#isCurrent(pool)) return;
		if (this.#hasExpired(pool, moment)) {
			// What is reserved next must not count on what has expired.
			await this.suspend(pool);
			reading = await reader.read(pool);
		}
		let plan = this.#plan(pool, moment);
		if (pool.mode === 'bytes' && plan.reserve.byte > 0) {
			// The last bytes are being spent already: nothing more can come, so nothing is to be changed.
			if (cause === 'low-water' && plan.reserve.byte === charger.rest(pool).byte) return;
			// Nothing could pass: the packets were larger than the rest. Smaller ones get their chance, but not at once, or the
			// sender of large ones could keep us busy.
			const stuck = reading.reserve?.depleted === true && usedBytes(pool) === pool.armedUsedBytes;
			if (stuck && cause === 'depleted') return this.#wake(pool, RETRY_MS);
		}
		if (mustSuspend(pool, plan, charger.rest(pool))) {
			await this.suspend(pool);
			reading = await reader.read(pool);
			plan = this.#plan(pool, moment);
		}
		// Only what stands still has an end; and what was given away was not used up.
		const ends = pool.mode === 'nothing' && cause !== 'withdrawal' ? ({ ends: true } as const) : {};
		const result = charger.settle(pool, { ...plan.reserve, ...ends }, moment);
		await this.#allow(pool, { reading, result, account: plan.account });
		this.#schedule(pool, result);
	}

	/** What the pool gets next. */
	#plan(pool: Pool, moment: Moment): Plan {
		const { ledger, clock, limits } = this.#options;
		const blocked = ledger.isBlocked(pool.account);
		if (blocked === undefined) throw noAccount(pool.account);
		const account = { blocked };
		const funds = ledger.funds(pool.account, moment);
		takeBegun(pool, funds.begunMs);
		const reserve = wantedReserve(pool, { blocked, funds }, clock.bootMs(), limits);
		const { isMixed } = funds;
		if (reserve.second > 0) return { account, reserve, isMixed, mode: 'time' };
		if (reserve.byte > 0) return { account, reserve, isMixed, mode: 'bytes' };
		const mode = endMode(account, ledger.endOf(pool.account, validityTime(moment)));
		return { account, reserve, isMixed, mode };
	}

	#hasExpired(pool: Pool, moment: Moment): boolean {
		const waitMs = this.#options.ledger.nextChangeMs(pool.account, moment);
		return waitMs !== null && waitMs <= 0;
	}

	/** The stations that stay keep their right while others leave. */
	rightToStay(pool: Pool, staying: readonly MeterState[]): Pick<PoolChange, 'right' | 'own' | 'tethered'> {
		if (staying.length === 0) return { right: { kind: 'nothing' } };
		if (pool.mode !== 'time') return { right: { kind: 'same' } };
		const milliseconds = sliceMilliseconds(staying, this.#options.clock.bootMs());
		const pace = pool.pace === undefined ? {} : { pace: pool.pace };
		const own = carriedOn(pool.own.right);
		const tethered = carriedOn(pool.tethered.right);
		return { right: { kind: 'time', milliseconds, ...pace }, own, tethered };
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
	async #allow(pool: Pool, { reading, result, account }: Outcome): Promise<void> {
		const { gate, clock } = this.#options;
		const { mode, slowsByItself, begunMs } = pool;
		const slices = new Map([...pool.meters.values()].map((meter) => [meter, meter.slice]));
		const before = { mode, slowsByItself, slices };
		const { right, reason } = this.#right(pool, { reading, result, account });
		// From when it is asked for: if the answer is lost, the kernel may let it pass, and it is charged.
		pool.mode = right.kind;
		pool.slowsByItself = right.kind === 'bytes' && right.after !== undefined;
		// Others may be attached while the kernel works.
		const meters = [...pool.meters.values()];
		const standard = this.#options;
		const tethered = classRight(result.tethered, standard.tethered, pool.tethered.package);
		const own: ClassRight =
			standard.own === undefined ? { kind: 'whole' } : classRight(result.own, standard.own, pool.own.package);
		try {
			await gate.apply({ pool: pool.id, meters, right, own, tethered });
		} catch (error) {
			if (isRefusal(error)) {
				pool.mode = before.mode;
				pool.slowsByItself = before.slowsByItself;
				for (const [meter, slice] of before.slices) meter.slice = slice;
				pool.begunMs = begunMs;
			}
			throw error;
		}
		for (const meter of meters) meter.isCounted = true;
		pool.reason = reasonText(reason);
		pool.pace = result.pace;
		pool.own = poolClass(right, own, result.own);
		pool.tethered = poolClass(right, tethered, result.tethered);
		this.#options.pools.decided?.add(pool);
		pool.armedAtMs = clock.bootMs();
		pool.armedUsedBytes = usedBytes(pool);
		this.#options.onRight?.(pool);
	}

	#right(pool: Pool, { reading, result, account }: Outcome): Allowed {
		const { ledger, clock, moment } = this.#options;
		const pace = result.pace === undefined ? {} : { pace: result.pace };
		const seconds = sliceSeconds(result.granted.second, pool.meters.size);
		cutSlices(pool, seconds, clock.bootMs());
		if (seconds > 0) {
			const milliseconds = sliceMilliseconds([...pool.meters.values()], clock.bootMs());
			return { right: { kind: 'time', milliseconds, ...pace }, reason: rightReason(result, 'second') };
		}
		if (result.granted.byte >= REMAINDER_BYTES) {
			const parts = splitWindow(result.granted.byte, restOf(reading));
			const after = slowAfter(result, (id) => ledger.endOfPackage(id, validityTime(moment())));
			const right = { kind: 'bytes', ...parts, reading, ...pace, ...(after ? { after } : {}) } as const;
			return { right, reason: rightReason(result, 'byte') };
		}
		const end = ledger.endOf(pool.account, validityTime(moment()));
		const reason = endReason({ account, end, left: leftOf(result), stations: pool.meters.size });
		const { throttleBytesPerSecond: bytesPerSecond = 1 } = end;
		return { right: endMode(account, end) === 'slow' ? { kind: 'slow', bytesPerSecond } : { kind: 'nothing' }, reason };
	}

	/** Wakes up at the end of a slice of time, and when a package expires. */
	#schedule(pool: Pool, result: SettleResult): void {
		const { clock, ledger } = this.#options;
		const sliced = [...pool.meters.values()].filter(({ slice }) => slice);
		const waits = [...sliceMilliseconds(sliced, clock.bootMs()).values()];
		// A wallet is reserved by the hour: the next comes in time.
		if (result.available.micro > 0) for (const [index, wait] of waits.entries()) waits[index] = Math.ceil(wait / 2);
		const change = ledger.nextChangeMs(pool.account, this.#options.moment());
		if (change !== null) waits.push(change);
		pool.cancelTimer?.();
		pool.cancelTimer = undefined;
		if (waits.length > 0) this.#wake(pool, Math.min(...waits) + 1);
	}

	#wake(pool: Pool, waitMs: number): void {
		pool.cancelTimer?.();
		if (!this.#isCurrent(pool)) return;
		const bounded = Math.min(TIMER_MAX_MS, Math.max(1, waitMs));
		pool.cancelTimer = this.#options.clock.after(bounded, () => this.renewInTurn(pool));
	}
}

/** A refused transaction changed nothing; one whose answer is lost may have. */
function isRefusal(error: unknown): boolean {
	return error instanceof OctroiError && error.code === 'netlink_refused';
}

/** The account that was named, or whose stations are attached, is not in the ledger. */
export function noAccount(account: AccountId): OctroiError {
	return new OctroiError('not_found', `there is no account ${account}`, {
		fix: `create it: octroi account create ${account}`,
	});
}
