import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { BootMs, MeterId } from '../core/units.ts';
import type { Gate } from './gate.ts';
import type { Meter } from './meter.ts';
import { type MeterState, type Pool, unsettledBytes, unsettledFreeBytes } from './pool.ts';

export type SamplerOptions = {
	readonly gate: Gate;
	readonly meter: Meter;
	readonly clock: Clock;
	/** How often the counters are read: for displays and for the size of grants; enforcement does not need it. */
	readonly intervalMs: number;
	/** How long used bytes may wait until they are charged durably, if no grant runs out before: spares the flash. */
	readonly commitIntervalMs: number;
	readonly log: Log;
};

/** What sampling has cost. */
export type SampleFigures = {
	count: number;
	lastDurationMs: number;
	longestDurationMs: number;
	lastCpuMs: number;
	totalCpuMs: number;
	/** How late the timer of the last sample fired: what anything else may have waited for its turn. */
	lastLagMs: number;
};

/** Reads all counters at an interval, and charges what has waited for too long. */
export class Sampler {
	readonly #options: SamplerOptions;
	readonly figures: SampleFigures = {
		count: 0,
		lastDurationMs: 0,
		longestDurationMs: 0,
		lastCpuMs: 0,
		totalCpuMs: 0,
		lastLagMs: 0,
	};
	/** The number of the last sample that saw a counter, by meter. */
	readonly #seen: { readonly up: Uint32Array; readonly down: Uint32Array };
	/** Where a sample saw less than was known: to be looked at. */
	readonly #suspects = new Set<MeterId>();
	#cancel: (() => void) | undefined;
	#lastAtMs = 0 as BootMs;
	/** Whether a meter's rate is known to be 0, by direction. */
	readonly #isStill: { readonly up: Uint8Array; readonly down: Uint8Array };
	/** What the sample before saw, by meter: this runs every second for thousands of them, and makes no objects. */
	readonly #before: { readonly up: Float64Array; readonly down: Float64Array };
	#running: Promise<void> = Promise.resolve();
	#stopped = false;

	constructor(options: SamplerOptions) {
		this.#options = options;
		const size = options.gate.meterMax + 1;
		this.#before = { up: new Float64Array(size), down: new Float64Array(size) };
		this.#isStill = { up: new Uint8Array(size), down: new Uint8Array(size) };
		this.#seen = { up: new Uint32Array(size), down: new Uint32Array(size) };
	}

	start(): void {
		this.#lastAtMs = this.#options.clock.bootMs();
		this.#schedule();
	}

	/** May be called twice; resolves when a sample that runs has ended. */
	async stop(): Promise<void> {
		this.#stopped = true;
		this.#cancel?.();
		await this.#running;
	}

	/** One sample now. @throws the `netlink_*` and `ledger_*` codes */
	async sample(): Promise<void> {
		const { gate, clock, meter } = this.#options;
		const began = clock.bootMs();
		const seconds = Math.max(1, began - this.#lastAtMs) / 1000;
		this.#lastAtMs = began;
		const number = this.figures.count + 1;
		const cpu = process.cpuUsage();
		const { traffic } = meter.charger;
		let seenCount = 0;
		await gate.sample((id, direction, bytes, trafficClass) => {
			if (trafficClass === undefined && this.#before[direction][id] === bytes && this.#isStill[direction][id] === 1) {
				// Most stations are idle most of the time: nothing of theirs is touched.
				this.#seen[direction][id] = number;
				seenCount += 1;
				return;
			}
			const state = meter.pools.meter(id);
			if (!state) return;
			if (trafficClass === 'free') {
				traffic.noteFree(state, direction, bytes);
				return;
			}
			if (trafficClass === 'tethered') {
				this.#noteTethered(state, direction, bytes, seconds);
				return;
			}
			// Of a meter that was given to another station since, the older figure is larger.
			const rate = Math.max(0, bytes - (this.#before[direction][id] ?? 0)) / seconds;
			this.#before[direction][id] = bytes;
			this.#isStill[direction][id] = rate === 0 ? 1 : 0;
			this.#seen[direction][id] = number;
			seenCount += 1;
			if (bytes < state[direction]) this.#suspects.add(id);
			if (direction === 'up') {
				traffic.noteUp(state, bytes);
				state.upBytesPerSecond = rate;
			} else {
				traffic.noteDown(state, bytes);
				state.downBytesPerSecond = rate;
				if (rate > 0) state.receivedAtMs = began;
			}
		});
		const now = clock.bootMs();
		const { user, system } = process.cpuUsage(cpu);
		this.#note(now - began, (user + system) / 1000);
		// Each meter has two: while all are there, nobody has to be looked for.
		if (seenCount < 2 * meter.pools.meterCount || this.#suspects.size > 0) this.#lookForLost(number);
		this.#commit(now);
	}

	#noteTethered(state: MeterState, direction: 'up' | 'down', bytes: number, seconds: number): void {
		const { tethered } = state;
		if (bytes < tethered[direction]) this.#suspects.add(state.meter);
		tethered.rate[direction] = Math.max(0, bytes - tethered.sampled[direction]) / seconds;
		tethered.sampled[direction] = bytes;
		if (direction === 'down' && tethered.rate.down > 0) state.receivedAtMs = this.#lastAtMs;
		this.#options.meter.charger.traffic.noteTethered(state, direction, bytes);
	}

	/** Counters that vanished while we run, or were set back. A sample may be older than a reading; a look in turn tells. */
	#lookForLost(number: number): void {
		const { meter } = this.#options;
		for (const pool of meter.pools.all()) {
			for (const { meter: id, isCounted } of pool.meters.values()) {
				const isSeen = this.#seen.up[id] === number && this.#seen.down[id] === number;
				if (!isCounted || (isSeen && !this.#suspects.has(id))) continue;
				meter.inspect(pool);
				break;
			}
		}
		this.#suspects.clear();
	}

	/** Charges the pools that have waited for too long, all in one transaction. */
	#commit(now: number): void {
		const { meter, commitIntervalMs } = this.#options;
		const due: Pool[] = [];
		for (const pool of meter.pools.all()) {
			if (now - pool.settledAtMs < commitIntervalMs) continue;
			// The kernel's time-outs begin anew with each charge, so that a restart finds them side by side.
			if (pool.mode === 'time') meter.renewInTurn(pool);
			else if (unsettledBytes(pool) + unsettledFreeBytes(pool) > 0) due.push(pool);
		}
		if (due.length > 0) meter.charger.settleRests(due);
	}

	#note(durationMs: number, cpuMs: number): void {
		this.figures.count += 1;
		this.figures.lastDurationMs = durationMs;
		this.figures.longestDurationMs = Math.max(this.figures.longestDurationMs, durationMs);
		this.figures.lastCpuMs = cpuMs;
		this.figures.totalCpuMs += cpuMs;
	}

	#schedule(): void {
		const { clock, intervalMs } = this.#options;
		const dueMs = clock.bootMs() + intervalMs;
		this.#cancel = clock.after(intervalMs, () => {
			this.figures.lastLagMs = Math.max(0, clock.bootMs() - dueMs);
			this.#running = this.sample()
				.catch((error) => {
					if (!this.#stopped) this.#options.log.error({ error }, 'could not take or charge a sample');
				})
				.then(() => {
					if (!this.#stopped) this.#schedule();
				});
		});
	}
}
