import { OctroiError } from '../../agent/core/octroi-error.ts';
import type { MacAddress, MeterId } from '../../agent/core/units.ts';
import type {
	CounterReading,
	Gate,
	GateEvents,
	GateState,
	PoolChange,
	PoolId,
	PoolReading,
	QuotaReading,
	Right,
} from '../../agent/meter/gate.ts';
import { type FakeKernel, type FakeMeter, type FakeQuota, newLimit } from './fake-kernel.ts';

type Member = { pool: PoolId | undefined; mac: MacAddress | undefined; counted: boolean };
/** What may go wrong with one call: `before` refuses it, `after` lets it happen and loses the answer. */
export type GateFault = 'before' | 'after' | undefined;

export type FakeGateOptions = {
	readonly meterMax?: number;
	/** Waited for wherever the real gate waits for the kernel: packets may pass, others may run. */
	readonly boundary?: () => Promise<void>;
	readonly fault?: (call: 'read' | 'apply' | 'forget' | 'sample') => GateFault;
};

/** The gate of one agent onto the kernel, with its own idea (the mirror) of what the table holds, as the real one has. */
export class FakeGate implements Gate {
	readonly kernel: FakeKernel;
	readonly meterMax: number;
	readonly #boundary: () => Promise<void>;
	readonly #fault: (call: 'read' | 'apply' | 'forget' | 'sample') => GateFault;
	#mirror = new Map<MeterId, Member>();
	#lastCommit: Promise<void> = Promise.resolve();
	/** Of the table that was loaded last. */
	#epoch: string | undefined;
	/** Changes that were made, for tests that count them. */
	applied: PoolChange[] = [];

	constructor(kernel: FakeKernel, { meterMax = 65_535, boundary, fault }: FakeGateOptions = {}) {
		this.kernel = kernel;
		this.meterMax = meterMax;
		this.#boundary = boundary ?? (() => Promise.resolve());
		this.#fault = fault ?? (() => undefined);
	}

	/** Tells an agent what the kernel tells; asynchronously, as a socket does. */
	connect(events: Pick<GateEvents, 'lowWater' | 'depleted'>): void {
		this.kernel.watch.depleted = (part, pool) => {
			queueMicrotask(() => (part === 'grant' ? events.lowWater(pool) : events.depleted(pool)));
		};
	}

	/** What the table holds, read as a new agent reads it: pools by the rights of their members. */
	load(): GateState {
		this.#readMirror();
		const { kernel } = this;
		this.#epoch = kernel.epoch;
		const members = new Map<PoolId, MeterId[]>([...kernel.pools.keys()].map((pool) => [pool, []]));
		const unbound: MeterId[] = [];
		for (const [meter, { pool }] of this.#mirror) (members.get(pool ?? 0) ?? unbound).push(meter);
		const now = kernel.clock.bootMs();
		const timed = new Map<MeterId, { givenMs: number; leftMs: number }>();
		for (const [id, { timed: element }] of kernel.meters) {
			if (!element || element.untilMs <= now) continue;
			timed.set(id, { givenMs: element.untilMs - element.sinceMs, leftMs: element.untilMs - now });
		}
		const mode = (pool: PoolId) => {
			const { grant, reserve, slow } = kernel.pools.get(pool) ?? {};
			if (grant || reserve) return 'bytes';
			return slow ? 'slow' : 'nothing';
		};
		const pools = [...members].map(([pool, meters]) => {
			const slows = mode(pool) === 'bytes' && kernel.pools.get(pool)?.slow !== undefined;
			return { pool, meters, mode: mode(pool), ...(slows ? ({ slowsByItself: true } as const) : {}) } as const;
		});
		return { epoch: kernel.epoch, pools, unbound, timed };
	}

	async read(id: PoolId, meters: readonly MeterId[]): Promise<PoolReading> {
		await this.#boundary();
		this.#maybeRefuse('read');
		const { kernel } = this;
		const { grant, reserve } = kernel.pools.get(id) ?? {};
		const quotas = { ...quotaReading('grant', grant), ...quotaReading('reserve', reserve) };
		const counters: CounterReading[] = [];
		const missing: MeterId[] = [];
		for (const meter of meters) {
			await this.#boundary();
			const counter = kernel.meters.get(meter)?.counter;
			if (counter) counters.push({ meter, up: counter.up, down: counter.down });
			else missing.push(meter);
		}
		await this.#boundary();
		return { ...quotas, counters, missing };
	}

	apply(change: PoolChange): Promise<void> {
		return this.#commit('apply', () => {
			this.#change(change);
			this.applied.push(change);
		});
	}

	removeCounters(meters: readonly MeterId[]): Promise<void> {
		return this.forget(meters);
	}

	async forget(meters: readonly MeterId[]): Promise<void> {
		if (meters.length === 0) return;
		await this.#commit('forget', () => {
			for (const meter of meters) {
				this.#removeMember(meter);
				this.kernel.meters.delete(meter);
				this.#mirror.delete(meter);
			}
		});
	}

	async sample(visit: (meter: MeterId, direction: 'up' | 'down', bytes: number) => void): Promise<void> {
		await this.#boundary();
		this.#maybeRefuse('sample');
		if (!this.kernel.isLoaded) throw refusal('ENOENT');
		for (const [meter, { counter }] of [...this.kernel.meters]) {
			if (!counter) continue;
			visit(meter, 'up', counter.up);
			visit(meter, 'down', counter.down);
		}
		await this.#boundary();
	}

	/** One at a time, each atomic at some moment between the call and its answer. */
	#commit(call: 'apply' | 'forget', work: () => void): Promise<void> {
		const epoch = this.#epoch;
		const committed = this.#lastCommit.then(async () => {
			await this.#boundary();
			const fault = this.#fault(call);
			if (fault === 'before') throw refusal('EBUSY');
			// What was decided for the counters of one table must not reach the next.
			if (!this.kernel.isLoaded || epoch !== this.kernel.epoch) throw refusal('ENOENT');
			work();
			await this.#boundary();
			if (fault === 'after') throw new OctroiError('netlink_timeout', 'the kernel did not answer');
		});
		this.#lastCommit = committed.catch(() => undefined);
		return committed;
	}

	#maybeRefuse(call: 'read' | 'sample'): void {
		if (this.#fault(call)) throw refusal('EBUSY');
	}

	#change({ pool, meters, right }: PoolChange): void {
		const members = new Set(meters.map(({ meter }) => meter));
		const removed = () => [...this.#mirror].filter(([meter, state]) => state.pool === pool && !members.has(meter));
		const fits = () => meters.every(({ meter, mac }) => this.#canTake(mac, meter, removed()));
		// The real gate reads its mirror anew once when the kernel refuses a change.
		if (!fits()) this.#readMirror();
		if (!fits()) throw refusal('EEXIST');
		for (const [meter] of removed()) this.#removeMember(meter);
		for (const { meter, mac } of meters) this.#addMember(pool, meter, mac);
		this.#setObjects(pool, right);
		for (const { meter } of meters) this.#setRights(this.kernel.meter(meter), { pool, meter, right });
		const state = this.kernel.pools.get(pool);
		if (state && !state.grant && !state.reserve && !state.slow) this.kernel.pools.delete(pool);
	}

	#canTake(mac: MacAddress, meter: MeterId, removed: readonly (readonly [MeterId, Member])[]): boolean {
		const holder = this.kernel.stations.get(mac);
		return holder === undefined || holder === meter || removed.some(([id]) => id === holder);
	}

	#addMember(pool: PoolId, id: MeterId, mac: MacAddress): void {
		const member = this.#mirror.get(id) ?? { pool: undefined, mac: undefined, counted: false };
		this.#mirror.set(id, member);
		const meter = this.kernel.meter(id);
		if (!member.counted) {
			meter.counter = { meter: id, mac, up: 0, down: 0, timedMs: 0 };
			this.kernel.watch.counted?.(meter.counter);
		}
		if (member.mac !== undefined && member.mac !== mac) this.kernel.stations.delete(member.mac);
		this.kernel.stations.set(mac, id);
		Object.assign(member, { pool, mac, counted: true });
	}

	#removeMember(id: MeterId): void {
		const member = this.#mirror.get(id);
		if (member?.mac !== undefined) this.kernel.stations.delete(member.mac);
		if (member) Object.assign(member, { pool: undefined, mac: undefined });
		const meter = this.kernel.meters.get(id);
		if (!meter) return;
		Object.assign(meter, { grantOf: undefined, reserveOf: undefined, slowOf: undefined });
		this.kernel.setTimed(meter, undefined);
	}

	#setObjects(id: PoolId, right: Right): void {
		if (right.kind === 'same') return;
		const pool = this.kernel.pool(id);
		const bytes = right.kind === 'bytes' ? right : undefined;
		setQuota(pool, 'grant', bytes?.grantBytes, bytes?.reading.grant);
		setQuota(pool, 'reserve', bytes?.reserveBytes, bytes?.reading.reserve);
		const slow = right.kind === 'slow' ? right : bytes?.after;
		if (!slow) delete pool.slow;
		else if (pool.slow?.bytesPerSecond !== slow.bytesPerSecond) {
			pool.slow = newLimit(slow.bytesPerSecond, this.kernel.clock.bootMs());
		}
	}

	#setRights(meter: FakeMeter, { pool, meter: id, right }: { pool: PoolId; meter: MeterId; right: Right }): void {
		const { grant, slow } = this.kernel.pools.get(pool) ?? {};
		meter.grantOf = grant ? pool : undefined;
		meter.reserveOf = grant ? pool : undefined;
		meter.slowOf = slow ? pool : undefined;
		this.kernel.setTimed(meter, right.kind === 'time' ? (right.milliseconds.get(id) ?? 0) : undefined);
	}

	#readMirror(): void {
		const { kernel } = this;
		const now = kernel.clock.bootMs();
		const mirror = new Map<MeterId, Member>();
		for (const [id, meter] of kernel.meters) {
			const pool = meter.grantOf ?? meter.reserveOf ?? meter.slowOf;
			if (meter.timed && meter.timed.untilMs <= now) kernel.setTimed(meter, undefined);
			mirror.set(id, { pool, mac: undefined, counted: meter.counter !== undefined });
		}
		for (const [mac, id] of kernel.stations) {
			const member = mirror.get(id);
			if (member) member.mac = mac;
		}
		this.#mirror = mirror;
	}
}

function setQuota(
	pool: { grant?: FakeQuota; reserve?: FakeQuota },
	part: 'grant' | 'reserve',
	bytes: number | undefined,
	reading: QuotaReading | undefined,
): void {
	const quota = pool[part];
	if (bytes === undefined) {
		delete pool[part];
	} else if (quota && reading && !reading.depleted) {
		quota.limitBytes = bytes + reading.usedBytes;
		quota.flagged = false;
	} else {
		pool[part] = { limitBytes: bytes, consumedBytes: 0, passedBytes: 0, flagged: false };
	}
}

function quotaReading<Part extends string>(part: Part, quota: FakeQuota | undefined) {
	if (!quota) return {};
	const { limitBytes, consumedBytes } = quota;
	const usedBytes = Math.min(limitBytes, consumedBytes);
	return { [part]: { limitBytes, usedBytes, depleted: consumedBytes >= limitBytes } } as {
		[Key in Part]: QuotaReading;
	};
}

function refusal(errno: string): OctroiError {
	return new OctroiError('netlink_refused', `the kernel refused: ${errno}`);
}
