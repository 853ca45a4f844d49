import type { MacAddress, MeterId } from '../../agent/core/units.ts';
import type { PoolId } from '../../agent/meter/gate.ts';
import type { FakeClock } from './fake-clock.ts';

export type Direction = 'up' | 'down';
/** Which right let a packet pass. */
export type Way = 'grant' | 'reserve' | 'timed' | 'slow';

/** A quota object: every packet that reaches it adds to `consumedBytes`, those that it does not let pass too. */
export type FakeQuota = {
	limitBytes: number;
	consumedBytes: number;
	/** What it let pass. */
	passedBytes: number;
	flagged: boolean;
};
export type FakeLimit = { bytesPerSecond: number; burstBytes: number; tokens: number; atMs: number };
export type FakePool = { grant?: FakeQuota; reserve?: FakeQuota; slow?: FakeLimit };

/** The pair of counters of a meter, with what a test wants to know beside it. */
export type FakeCounter = {
	readonly meter: MeterId;
	readonly mac: MacAddress;
	up: number;
	down: number;
	/** How long it stood in `timed`, up to `timedUntilMs` of its last element. */
	timedMs: number;
};

export type FakeMeter = {
	counter: FakeCounter | undefined;
	grantOf: PoolId | undefined;
	reserveOf: PoolId | undefined;
	slowOf: PoolId | undefined;
	timed: { readonly sinceMs: number; readonly untilMs: number } | undefined;
};

export type KernelWatch = {
	/** A meter got its counters. */
	counted?(counter: FakeCounter): void;
	/** A packet was forwarded. */
	forwarded?(counter: FakeCounter, direction: Direction, passed: { bytes: number; way: Way; spareBytes: number }): void;
	/** A quota ran over for the first time since it was armed. */
	depleted(part: 'grant' | 'reserve', pool: PoolId): void;
};

const BURST_BYTES_MIN = 32 * 1024;
/** Some packets. */
const BETWEEN_BYTES_MAX = 6000;

/**
 * The table as the kernel keeps it, with the semantics of nft_quota, nft_limit, nft_counter and set time-outs. It outlives
 * agents. Packets are injected by tests; nothing here is asynchronous, as a transaction of the kernel is atomic to packets.
 */
export class FakeKernel {
	readonly clock: FakeClock;
	/** Up to Linux 6.14 a quota no longer matches when it is used up exactly; later it does. */
	readonly matchesAtLimit: boolean;
	epoch: string;
	/** Without a table, nothing is metered. */
	isLoaded = true;
	readonly pools = new Map<PoolId, FakePool>();
	readonly meters = new Map<MeterId, FakeMeter>();
	readonly stations = new Map<MacAddress, MeterId>();
	watch: KernelWatch = { depleted() {} };

	constructor(clock: FakeClock, epoch: string, { matchesAtLimit = true }: { matchesAtLimit?: boolean } = {}) {
		this.clock = clock;
		this.epoch = epoch;
		this.matchesAtLimit = matchesAtLimit;
	}

	/** A packet of a flow that carries the mark of a meter reaches the forward hook. */
	send(meter: MeterId, direction: Direction, bytes: number): Way | 'dropped' {
		const state = this.meters.get(meter);
		if (!this.isLoaded || !state) return 'dropped';
		const way = this.#wayOf(state, bytes);
		if (!way || !state.counter) return 'dropped';
		state.counter[direction] += bytes;
		const spareBytes = way === 'slow' ? this.#takeSpare(state.slowOf, bytes) : 0;
		this.watch.forwarded?.(state.counter, direction, { bytes, way, spareBytes });
		return way;
	}

	#wayOf(meter: FakeMeter, bytes: number): Way | undefined {
		if (this.#passesQuota('grant', meter.grantOf, bytes)) return 'grant';
		if (this.#passesQuota('reserve', meter.reserveOf, bytes)) return 'reserve';
		if (meter.timed && this.clock.bootMs() < meter.timed.untilMs) return 'timed';
		const slow = meter.slowOf === undefined ? undefined : this.pools.get(meter.slowOf)?.slow;
		return slow && takeTokens(slow, this.clock.bootMs(), bytes) ? 'slow' : undefined;
	}

	#passesQuota(part: 'grant' | 'reserve', id: PoolId | undefined, bytes: number): boolean {
		const quota = id === undefined ? undefined : this.pools.get(id)?.[part];
		if (id === undefined || !quota) return false;
		quota.consumedBytes += bytes;
		const { limitBytes, consumedBytes } = quota;
		const isOver = this.matchesAtLimit ? consumedBytes > limitBytes : consumedBytes >= limitBytes;
		if (!isOver) {
			quota.passedBytes += bytes;
			return true;
		}
		if (!quota.flagged) {
			quota.flagged = true;
			this.watch.depleted(part, id);
		}
		return false;
	}

	/**
	 * Where fair use follows upon the last bytes, its first packets take what was too little for a packet before, and what
	 * passed between the readings of quotas and counters: that was charged, and stood against the new limits too.
	 */
	#takeSpare(id: PoolId | undefined, bytes: number): number {
		let taken = 0;
		for (const part of ['grant', 'reserve'] as const) {
			const quota = id === undefined ? undefined : this.pools.get(id)?.[part];
			if (!quota) continue;
			const more = Math.min(bytes - taken, Math.max(0, quota.limitBytes + BETWEEN_BYTES_MAX - quota.passedBytes));
			quota.passedBytes += more;
			taken += more;
		}
		return taken;
	}

	meter(id: MeterId): FakeMeter {
		const empty = { grantOf: undefined, reserveOf: undefined, slowOf: undefined, timed: undefined };
		const found = this.meters.get(id) ?? { counter: undefined, ...empty };
		this.meters.set(id, found);
		return found;
	}

	pool(id: PoolId): FakePool {
		const found = this.pools.get(id) ?? {};
		this.pools.set(id, found);
		return found;
	}

	/** Ends the element of `timed`, or replaces it. */
	setTimed(meter: FakeMeter, milliseconds: number | undefined): void {
		const now = this.clock.bootMs();
		if (meter.timed && meter.counter) meter.counter.timedMs += Math.min(now, meter.timed.untilMs) - meter.timed.sinceMs;
		const until = now + Math.max(1, Math.ceil(milliseconds ?? 0));
		meter.timed = milliseconds === undefined ? undefined : { sinceMs: now, untilMs: until };
	}

	/** How long a meter had its time until now. */
	timedMs({ counter, timed }: FakeMeter): number {
		const running = timed ? Math.min(this.clock.bootMs(), timed.untilMs) - timed.sinceMs : 0;
		return (counter?.timedMs ?? 0) + running;
	}

	/** What the quotas would still let pass, if packets of every size came. */
	restBytes(id: PoolId): number {
		const { grant, reserve } = this.pools.get(id) ?? {};
		const isReached = (part: 'grantOf' | 'reserveOf') => [...this.meters.values()].some((meter) => meter[part] === id);
		return (isReached('grantOf') ? restOf(grant) : 0) + (isReached('reserveOf') ? restOf(reserve) : 0);
	}

	/** Somebody removes the table. */
	removeTable(): void {
		this.isLoaded = false;
		for (const meter of this.meters.values()) this.setTimed(meter, undefined);
		this.pools.clear();
		this.meters.clear();
		this.stations.clear();
	}

	/** Our rules are loaded, into nothing. */
	loadTable(epoch: string): void {
		this.isLoaded = true;
		this.epoch = epoch;
	}

	/** Somebody sets the counters of one meter back to 0. */
	resetCounters(id: MeterId): void {
		const counter = this.meters.get(id)?.counter;
		if (counter) Object.assign(counter, { up: 0, down: 0 });
	}

	/** Somebody removes the counters of one meter. */
	removeCounters(id: MeterId): void {
		const meter = this.meters.get(id);
		if (!meter) return;
		this.setTimed(meter, undefined);
		meter.counter = undefined;
	}
}

export function newLimit(bytesPerSecond: number, atMs: number): FakeLimit {
	const burstBytes = Math.max(BURST_BYTES_MIN, Math.ceil(bytesPerSecond / 10));
	return { bytesPerSecond, burstBytes, tokens: burstBytes, atMs };
}

function takeTokens(limit: FakeLimit, now: number, bytes: number): boolean {
	limit.tokens = Math.min(limit.burstBytes, limit.tokens + ((now - limit.atMs) * limit.bytesPerSecond) / 1000);
	limit.atMs = now;
	if (limit.tokens < bytes) return false;
	limit.tokens -= bytes;
	return true;
}

function restOf(quota: FakeQuota | undefined): number {
	return quota ? Math.max(0, quota.limitBytes - quota.consumedBytes) : 0;
}
