import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, MacAddress, MeterId, WallMs } from '../core/units.ts';
import type { Answer } from '../ledger/answer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Epoch, Moment } from '../ledger/moment.ts';
import type { PackageTerms, TopUpResult } from '../ledger/package.ts';
import type { SettleRequest, SettleResult } from '../ledger/settle.ts';
import { endMode, wantedReserve } from './decision.ts';
import type { Gate, GateEvents, PoolId, PoolReading, Right } from './gate.ts';
import { NumberPool } from './number-pool.ts';
import { elapsedSeconds, type MeterState, newPool, type Pool, unsettledBytes, usedBytes } from './pool.ts';
import { REMAINDER_BYTES, sliceSeconds, splitWindow, type WindowLimits } from './window.ts';

export type MeterOptions = {
	readonly gate: Gate;
	readonly ledger: Ledger;
	readonly clock: Clock;
	/** The wall clock if it is known to be set, else null. */
	readonly trustedWallMs: () => WallMs | null;
	readonly limits: WindowLimits;
	readonly log: Log;
	/** Names a new session. */
	readonly newSessionId: () => string;
};

/** Why a grant is renewed. */
type Cause = 'change' | 'low-water' | 'depleted';

/** Longest wait of a timer: a day. The wait for a later expiry is renewed then. */
const TIMER_MAX_MS = 86_400_000;
/** A full disk or a busy kernel may be well again soon. */
const RETRY_MS = 2000;

/**
 * Turns bytes and seconds into charges: the only place where that happens. For each account with attached stations it keeps
 * a pool: reserves in the ledger what the kernel may spend, then lets the kernel spend it, charges what the kernel's
 * counters show, and brings the next grant before the present one ends. All changes of one pool happen one after the other.
 */
export class Meter {
	readonly #options: MeterOptions;
	readonly #pools = new Map<AccountId, Pool>();
	readonly #poolIds: NumberPool;
	readonly #meterIds: NumberPool;
	#epoch: Epoch = '';
	#stopped = false;

	constructor(options: MeterOptions) {
		this.#options = options;
		this.#meterIds = new NumberPool(options.gate.meterMax, 'meters');
		this.#poolIds = new NumberPool(options.gate.meterMax, 'pools');
	}

	/** The pools by account: for displays, which must not change them. */
	get pools(): ReadonlyMap<AccountId, Pool> {
		return this.#pools;
	}

	get epoch(): Epoch {
		return this.#epoch;
	}

	/** What the kernel's events mean here. `tableReplaced` is the recovery's. */
	readonly events: Omit<GateEvents, 'tableReplaced'> = {
		lowWater: (pool) => this.#rearmById(pool, 'low-water'),
		depleted: (pool) => this.#rearmById(pool, 'depleted'),
		resynchronise: () => this.rearmAll(),
	};

	/**
	 * A station begins to spend from an account.
	 *
	 * @throws OctroiError `not_found` (the account), `not_allowed` (attached already), `ledger_*`, `netlink_*`
	 */
	async attach(mac: MacAddress, account: AccountId): Promise<MeterState> {
		const attached = this.find(mac);
		if (attached) {
			throw new OctroiError('not_allowed', `station ${mac} is attached to ${attached.pool.account} already`, {
				fix: `detach it first: octroi station detach ${mac}`,
			});
		}
		if (!this.#options.ledger.account(account)) throw noAccount(account);
		const pool = this.#pool(account);
		const meter = this.#newMeter(pool, mac);
		await this.turn(pool, async () => {
			try {
				await this.rearm(pool);
			} catch (error) {
				await this.#drop(pool, [meter], 'failed to attach').catch(() => undefined);
				throw error;
			}
		});
		return meter;
	}

	/**
	 * A station stops spending; what it used is charged, what was reserved for it is free again.
	 *
	 * @throws OctroiError `not_found`, `ledger_*`, `netlink_*`
	 */
	async detach(mac: MacAddress, reason: string): Promise<void> {
		const found = this.find(mac);
		if (!found) throw new OctroiError('not_found', `station ${mac} is not attached to an account`);
		const { pool, meter } = found;
		await this.turn(pool, async () => {
			await this.#drop(pool, [meter], reason);
			// Time is shared out by station: those that stay get the rest.
			if (pool.meters.size > 0) await this.rearm(pool);
		});
		if (pool.meters.size === 0) this.#forgetPool(pool);
	}

	/** Credits an account, and lets its stations go on at once, in the flows that they have. */
	async topUp(request: { transferId: string; account: AccountId; terms: PackageTerms }): Promise<TopUpResult> {
		const { ledger } = this.#options;
		const credit = () =>
			ledger.topUp({
				transferId: request.transferId,
				account: request.account,
				package: request.terms,
				at: this.#moment(),
			});
		const pool = this.#pools.get(request.account);
		if (!pool) return credit();
		return this.turn(pool, async () => {
			// What was forwarded without payment until now must not be charged to what is bought now.
			await this.settleNow(pool);
			const result = credit();
			await this.rearm(pool);
			return result;
		});
	}

	/**
	 * Blocks an account by hand, whatever its balance, or lets it go on.
	 *
	 * @throws OctroiError `not_found`
	 */
	async setBlocked(account: AccountId, blocked: boolean): Promise<Answer> {
		const answer = this.#options.ledger.blockAccount(account, blocked);
		if (answer === 'not_found') throw noAccount(account);
		const pool = this.#pools.get(account);
		if (pool) await this.turn(pool, () => (blocked ? this.#stopPool(pool) : this.rearm(pool)));
		return answer;
	}

	/** The pool and the meter of a station. */
	find(mac: MacAddress): { pool: Pool; meter: MeterState } | undefined {
		for (const pool of this.#pools.values()) {
			for (const meter of pool.meters.values()) if (meter.mac === mac) return { pool, meter };
		}
		return undefined;
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

	/** Stops the timers. The kernel goes on with what it was granted. */
	stop(): void {
		this.#stopped = true;
		for (const pool of this.#pools.values()) pool.cancelTimer?.();
	}

	/** Waits for what is being changed now. */
	async idle(): Promise<void> {
		await Promise.all([...this.#pools.values()].map((pool) => pool.turn));
	}

	/**
	 * The whole cycle: reads the kernel's figures, charges them, reserves what comes next (one transaction, durable), and only
	 * then lets the kernel spend it.
	 */
	async rearm(pool: Pool, cause: Cause = 'change'): Promise<void> {
		const { gate, ledger, clock, limits } = this.#options;
		const reading = await gate.read(pool.id, [...pool.meters.keys()]);
		if (!this.#isCurrent(pool)) return;
		this.#note(pool, reading);
		const account = ledger.account(pool.account);
		if (!account) throw noAccount(pool.account);
		const reserve = wantedReserve(pool, account, clock.bootMs(), limits);
		if (pool.mode === 'bytes' && reserve.byte > 0) {
			// The last bytes are being spent already: nothing more can come, so nothing is to be changed.
			if (cause === 'low-water' && reserve.byte === this.#rest(pool).byte) return;
			// Nothing could pass: the packets were larger than the rest. Smaller ones get their chance, but not at once, or the
			// sender of large ones could keep us busy.
			const stuck = reading.reserve?.depleted === true && usedBytes(pool) === pool.armedUsedBytes;
			if (stuck && cause === 'depleted') return this.#wake(pool, RETRY_MS);
		}
		const result = this.#settle(pool, reserve);
		await this.#allow(pool, { reading, result, blocked: account.blocked });
		this.#schedule(pool);
	}

	/** Charges what the kernel's counters show now; what stands granted stays granted, less what was used of it. */
	async settleNow(pool: Pool): Promise<void> {
		const reading = await this.#options.gate.read(pool.id, [...pool.meters.keys()]);
		this.#note(pool, reading);
		this.#settle(pool, this.#rest(pool));
	}

	/** The request that charges a pool up to its latest readings and keeps the rest of its grants. */
	restRequest(pool: Pool): SettleRequest {
		return this.#request(pool, this.#rest(pool));
	}

	/** Takes over what the ledger answered to a request of {@link restRequest}. */
	settled(pool: Pool, result: SettleResult): void {
		const { clock, log } = this.#options;
		const now = clock.bootMs();
		for (const meter of pool.meters.values()) {
			meter.settledUp = meter.up;
			meter.settledDown = meter.down;
			const elapsed = elapsedSeconds(meter, now);
			meter.seconds += elapsed;
			if (meter.slice) {
				meter.slice = {
					sinceMs: (meter.slice.sinceMs + elapsed * 1000) as typeof now,
					seconds: meter.slice.seconds - elapsed,
				};
			}
		}
		pool.openBytes = result.granted.byte;
		pool.openSeconds = result.granted.second;
		pool.settledAtMs = now;
		if (result.overrunBytes > 0 || result.overrunSeconds > 0) {
			log.error(
				{ account: pool.account, bytes: result.overrunBytes, seconds: result.overrunSeconds },
				'more was forwarded than was granted',
			);
		}
	}

	/** Rearms every pool, each in its turn. */
	rearmAll(): void {
		for (const pool of this.#pools.values()) this.#rearmInTurn(pool);
	}

	/** Rearms a pool when its turn comes, and logs what fails. */
	renew(pool: Pool): void {
		this.#rearmInTurn(pool);
	}

	/** Begins with a life of the table, without any pool. */
	begin(epoch: Epoch): void {
		for (const pool of this.#pools.values()) this.#forgetPool(pool);
		this.#epoch = epoch;
	}

	/** Takes over a session that the ledger and the kernel both know. */
	adopt(session: { account: AccountId; state: MeterState; pool: PoolId | undefined }): Pool {
		const pool = this.#pool(session.account, session.pool);
		pool.meters.set(session.state.meter, session.state);
		this.#meterIds.keep(session.state.meter);
		return pool;
	}

	/** Forgets a meter whose counters are lost, without charging anything. */
	abandon(pool: Pool, meter: MeterState): void {
		pool.meters.delete(meter.meter);
		this.#meterIds.release(meter.meter);
		if (pool.meters.size === 0) this.#forgetPool(pool);
	}

	/** False when everything was begun anew since: what belongs to the pool is settled elsewhere. */
	#isCurrent(pool: Pool): boolean {
		return !this.#stopped && this.#pools.get(pool.account) === pool;
	}

	#rearmById(id: PoolId, cause: Cause): void {
		for (const pool of this.#pools.values()) if (pool.id === id) this.#rearmInTurn(pool, cause);
	}

	#rearmInTurn(pool: Pool, cause: Cause = 'change'): void {
		this.turn(pool, () => this.rearm(pool, cause)).catch((error) => {
			if (!this.#isCurrent(pool)) return;
			// The kernel tells of a low water once. Until it works again, it spends what it has, and then stops.
			this.#options.log.error({ account: pool.account, error }, 'could not renew the grant; trying again');
			this.#wake(pool, RETRY_MS);
		});
	}

	/** Gives the kernel what was granted. */
	async #allow(
		pool: Pool,
		{ reading, result, blocked }: { reading: PoolReading; result: SettleResult; blocked: boolean },
	): Promise<void> {
		const { gate, ledger, clock } = this.#options;
		const { right, reason } = this.#right(pool, reading, result, blocked);
		const meters = [...pool.meters.values()].map(({ meter, mac }) => ({ meter, mac }));
		await gate.apply({ pool: pool.id, meters, right });
		pool.mode = right.kind === 'same' ? pool.mode : right.kind;
		pool.reason = reason;
		pool.armedAtMs = clock.bootMs();
		pool.armedUsedBytes = usedBytes(pool);
		pool.blocked = ledger.account(pool.account)?.blocked ?? false;
	}

	#right(
		pool: Pool,
		reading: PoolReading,
		{ granted }: SettleResult,
		blocked: boolean,
	): { right: Right; reason: string } {
		const { ledger, clock, trustedWallMs } = this.#options;
		const now = clock.bootMs();
		const seconds = sliceSeconds(granted.second, pool.meters.size);
		for (const meter of pool.meters.values()) {
			// A second that has begun goes on in the new slice.
			const sinceMs = meter.slice && seconds > 0 ? meter.slice.sinceMs : now;
			meter.slice = seconds > 0 ? { sinceMs, seconds } : undefined;
		}
		if (seconds > 0) {
			const milliseconds = sliceMilliseconds([...pool.meters.values()], now);
			return { right: { kind: 'time', milliseconds }, reason: 'a time package is running' };
		}
		if (granted.byte >= REMAINDER_BYTES) {
			return { right: { kind: 'bytes', ...splitWindow(granted.byte), reading }, reason: 'within its balance' };
		}
		const end = ledger.endOf(pool.account, trustedWallMs());
		const { mode, reason } = endMode({ blocked }, end);
		if (mode === 'nothing') return { right: { kind: 'nothing' }, reason };
		return { right: { kind: 'slow', bytesPerSecond: end.throttleBytesPerSecond ?? 1 }, reason };
	}

	/** Blocked by hand: the kernel stops first, then what was used until then is charged. */
	async #stopPool(pool: Pool): Promise<void> {
		const meters = [...pool.meters.values()].map(({ meter, mac }) => ({ meter, mac }));
		await this.#options.gate.apply({ pool: pool.id, meters, right: { kind: 'nothing' } });
		await this.rearm(pool);
	}

	/** Takes stations out: stop, charge for the last time, close, forget. */
	async #drop(pool: Pool, leaving: readonly MeterState[], reason: string): Promise<void> {
		const { gate, ledger } = this.#options;
		const ids = leaving.map(({ meter }) => meter);
		const staying = [...pool.meters.values()].filter((meter) => !leaving.includes(meter));
		await gate.apply({
			pool: pool.id,
			meters: staying.map(({ meter, mac }) => ({ meter, mac })),
			right: this.#rightToStay(pool, staying),
		});
		const reading = await gate.read(pool.id, [...pool.meters.keys()]);
		this.#note(pool, reading);
		this.#settle(pool, staying.length > 0 ? this.#rest(pool) : { byte: 0, second: 0 });
		for (const { meter, session } of leaving) {
			ledger.closeSession(session, reason, this.#moment());
			pool.meters.delete(meter);
		}
		await gate.forget(ids);
		for (const meter of ids) this.#meterIds.release(meter);
	}

	#rightToStay(pool: Pool, staying: readonly MeterState[]): Right {
		if (staying.length === 0) return { kind: 'nothing' };
		if (pool.mode !== 'time') return { kind: 'same' };
		return { kind: 'time', milliseconds: sliceMilliseconds(staying, this.#options.clock.bootMs()) };
	}

	#settle(pool: Pool, reserve: { byte: number; second: number }): SettleResult {
		const result = this.#options.ledger.settle(this.#request(pool, reserve));
		this.settled(pool, result);
		return result;
	}

	#request(pool: Pool, reserve: { byte: number; second: number }): SettleRequest {
		const now = this.#options.clock.bootMs();
		const meters = [...pool.meters.values()];
		return {
			epoch: this.#epoch,
			account: pool.account,
			at: this.#moment(),
			readings: meters.map(({ meter, up, down }) => ({ meter, up, down })),
			elapsed: meters.map((meter) => ({ meter: meter.meter, seconds: meter.seconds + elapsedSeconds(meter, now) })),
			free: pool.mode === 'time',
			reserve,
		};
	}

	/** What the kernel may still spend of what it was granted. */
	#rest(pool: Pool): { byte: number; second: number } {
		const now = this.#options.clock.bootMs();
		let elapsed = 0;
		for (const meter of pool.meters.values()) elapsed += elapsedSeconds(meter, now);
		const used = pool.mode === 'time' ? 0 : unsettledBytes(pool);
		return { byte: Math.max(0, pool.openBytes - used), second: Math.max(0, pool.openSeconds - elapsed) };
	}

	#note(pool: Pool, reading: PoolReading): void {
		for (const { meter, up, down } of reading.counters) {
			const state = pool.meters.get(meter);
			if (!state) continue;
			state.up = Math.max(state.up, up);
			state.down = Math.max(state.down, down);
		}
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
		pool.cancelTimer = this.#options.clock.after(bounded, () => this.#rearmInTurn(pool));
	}

	#newMeter(pool: Pool, mac: MacAddress): MeterState {
		const { ledger, newSessionId } = this.#options;
		const meter = this.#meterIds.take() as MeterId;
		const session = newSessionId();
		try {
			const opened = ledger.openSession({
				session,
				mac,
				account: pool.account,
				meter,
				epoch: this.#epoch,
				at: this.#moment(),
			});
			if (opened !== 'created')
				throw new OctroiError('internal', `the session ${session} could not be opened: ${opened}`);
		} catch (error) {
			this.#meterIds.release(meter);
			throw error;
		}
		const state: MeterState = newMeterState({ meter, mac, session });
		pool.meters.set(meter, state);
		return state;
	}

	#pool(account: AccountId, id?: PoolId): Pool {
		const known = this.#pools.get(account);
		if (known) return known;
		if (id !== undefined) this.#poolIds.keep(id);
		const pool = newPool(id ?? this.#poolIds.take(), account, this.#options.clock.bootMs());
		this.#pools.set(account, pool);
		return pool;
	}

	#forgetPool(pool: Pool): void {
		if (this.#pools.get(pool.account) !== pool) return;
		pool.cancelTimer?.();
		for (const meter of pool.meters.keys()) this.#meterIds.release(meter);
		this.#poolIds.release(pool.id);
		this.#pools.delete(pool.account);
	}

	#moment(): Moment {
		const { clock, trustedWallMs } = this.#options;
		return { wallMs: clock.wallMs(), bootMs: clock.bootMs(), trustedWallMs: trustedWallMs() };
	}
}

/** A meter whose counters stand where its checkpoint is. */
export function newMeterState(
	station: { meter: MeterId; mac: MacAddress; session: string },
	checkpoint: { up: number; down: number; seconds: number } = { up: 0, down: 0, seconds: 0 },
): MeterState {
	return {
		...station,
		up: checkpoint.up,
		down: checkpoint.down,
		settledUp: checkpoint.up,
		settledDown: checkpoint.down,
		upBytesPerSecond: 0,
		downBytesPerSecond: 0,
		seconds: checkpoint.seconds,
		slice: undefined,
	};
}

/** What is left of each meter's slice. */
function sliceMilliseconds(meters: readonly MeterState[], now: number): Map<MeterId, number> {
	return new Map(
		meters.map(({ meter, slice }) => [meter, slice ? slice.sinceMs + slice.seconds * 1000 - now : 0] as const),
	);
}

function noAccount(account: AccountId): OctroiError {
	return new OctroiError('not_found', `there is no account ${account}`, {
		fix: `create it: octroi account create ${account}`,
	});
}
