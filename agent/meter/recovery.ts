import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { BootMs, MeterId } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type LossDirection, type LostGrant, sumOf } from '../ledger/lost.ts';
import type { Epoch, Moment } from '../ledger/moment.ts';
import type { Checkpoints, Session } from '../ledger/session.ts';
import type { Gate, GateState, PoolId } from './gate.ts';
import { LostCounters, type Station } from './lost-counters.ts';
import type { Meter } from './meter.ts';
import { newMeterState, type Pool, settledBytes } from './pool.ts';
import { RETRY_MS } from './renewal.ts';

export type RecoveryOptions = {
	readonly gate: Gate;
	readonly meter: Meter;
	readonly ledger: Ledger;
	readonly clock: Clock;
	readonly moment: () => Moment;
	readonly powerLoss: LossDirection;
	readonly log: Log;
};

/** Brings ledger and kernel together again: after a restart, a power cut, or a table that somebody removed. */
export class Recovery {
	readonly #options: RecoveryOptions;
	readonly #lostCounters: LostCounters;

	constructor(options: RecoveryOptions) {
		this.#options = options;
		this.#lostCounters = new LostCounters(options);
		options.meter.onCountersLost = (pool) => void this.repair(pool);
	}

	/**
	 * At the start: sessions whose counters the kernel still has are adopted, to the byte; those whose counters are lost are
	 * resolved in the configured direction, and their stations attached anew.
	 */
	async adopt(state: GateState): Promise<void> {
		const { ledger, meter, gate } = this.#options;
		const sessions = ledger.openSessions();
		const lost = sessions.filter(({ epoch }) => epoch !== state.epoch);
		meter.begin(state.epoch);
		const present = sessions.filter(({ epoch }) => epoch === state.epoch);
		// Accounts that have a pool in the kernel keep its number; the others must not be given it.
		const bound = present.filter((session) => poolOf(state, session.meter) !== undefined);
		const unbound = present.filter((session) => !bound.includes(session));
		const known = metersOf(state);
		for (const session of [...bound, ...unbound]) {
			const isCounted =
				known.has(session.meter) || session.upBytes + session.downBytes > 0 || session.closed !== undefined;
			this.#adoptSession(session, { pool: poolOf(state, session.meter), isCounted });
		}
		const prepared = this.#removeOrphans(state, new Set(present.map((session) => session.meter))).then(() => {
			// By now the kernel spends nothing of it any more.
			this.#resolveLost(ledger.openEpochs().filter((epoch) => epoch !== state.epoch));
			// Flows may have outlived the table. Their marks must not be charged to whoever gets these numbers next.
			return gate.forget(lost.map((session) => session.meter).filter((id) => !meter.pools.meter(id)));
		});
		const broken = await this.#adoptPools(state, prepared);
		await this.#attachAll([...lost, ...broken]);
	}

	/** One after the other, each in its turn: what the kernel tells meanwhile must wait until the pool is known. */
	async #adoptPools(state: GateState, prepared: Promise<void>): Promise<Station[]> {
		const { meter } = this.#options;
		const broken: Station[] = [];
		let previous = prepared;
		for (const pool of meter.pools.all()) {
			const before = previous;
			previous = meter.turn(pool, async () => {
				await before;
				this.#adoptPool(pool, state);
				broken.push(...(await this.#lostCounters.resolve(pool)));
				if (pool.meters.size > 0) await meter.renew(pool);
			});
		}
		await previous;
		return broken;
	}

	/** While we ran, somebody removed or reset counters of a pool. What fails is tried again when the pool is read again. */
	async repair(pool: Pool): Promise<void> {
		const { meter, log } = this.#options;
		let detached: Station[] = [];
		try {
			await meter.turn(pool, async () => {
				if (!meter.pools.isCurrent(pool)) return;
				detached = await this.#lostCounters.resolve(pool);
				if (pool.meters.size > 0) meter.renewInTurn(pool);
			});
		} catch (error) {
			log.error({ account: pool.account, error }, 'could not resolve what was granted on lost counters; trying again');
		}
		await this.#attachAll(detached);
	}

	/** While we ran, somebody removed our table: what the last sample did not see is lost. Tries until it is done. */
	async replace(state: GateState): Promise<void> {
		const { clock, log } = this.#options;
		for (let stations = await this.#tryReplace(state); ; stations = await this.#tryReplace(state)) {
			if (stations) return this.#attachAll(stations);
			log.info({}, 'trying again to go on after the table was removed');
			await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
		}
	}

	/** @returns the stations to attach again; undefined if it could not be done */
	async #tryReplace(state: GateState): Promise<readonly Station[] | undefined> {
		const { ledger, meter, log } = this.#options;
		const stations: Station[] = [];
		try {
			await meter.between(
				(pools) => this.#removeRemains(pools),
				() => {
					meter.charger.settleRests(meter.pools.all());
					const grants = this.#resolveLost(ledger.openEpochs().filter((epoch) => epoch !== state.epoch));
					for (const { account, meters } of meter.pools.all()) {
						for (const { mac } of meters.values()) stations.push({ mac, account });
					}
					log.warn(
						{ stations: stations.length, boundBytes: sumOf(grants, 'byte'), boundSeconds: sumOf(grants, 'second') },
						'the table was removed: at most the bound was forwarded uncounted within grants; what passed without any table is unknown',
					);
					meter.begin(state.epoch);
				},
			);
			return stations;
		} catch (error) {
			log.error({ error }, 'could not go on after the table was removed');
			return undefined;
		}
	}

	/** A change that was on its way may have reached the new table; flows carry marks of the old one. */
	async #removeRemains(pools: readonly Pool[]): Promise<void> {
		const { gate } = this.#options;
		for (const { id, meters } of pools) {
			await gate.apply({ pool: id, meters: [], right: { kind: 'nothing' } });
			await gate.forget([...meters.keys()]);
		}
	}

	#resolveLost(epochs: readonly Epoch[]): LostGrant[] {
		const { ledger, powerLoss, moment, log } = this.#options;
		const grants = epochs.flatMap((epoch) => ledger.resolveLost({ epoch, direction: powerLoss, at: moment() }));
		for (const grant of grants) log.warn({ ...grant }, 'the counters behind a grant are lost; resolved it');
		return grants;
	}

	/** @param isCounted false if its counters were never made (a crash before its first grant): then the next grant makes them */
	#adoptSession(session: Session, { pool, isCounted }: { pool: PoolId | undefined; isCounted: boolean }): void {
		const { id, mac, account, meter } = session;
		// Those that are open have them, also after the end of their record.
		const checkpoints = session.checkpoints as Checkpoints;
		const state = { ...newMeterState({ meter, mac, session: id }, checkpoints, checkpoints), isCounted };
		state.beganBytes = settledBytes(state) - bytesOf(session);
		this.#options.meter.adopt({ account, state, pool });
	}

	#adoptPool(pool: Pool, state: GateState): void {
		const { ledger, moment } = this.#options;
		const { open, begunMs } = ledger.funds(pool.account, moment());
		pool.begunMs = begunMs;
		pool.knownBegunMs = begunMs;
		pool.openBytes = open.byte;
		pool.openSeconds = open.second;
		const found = state.pools.find(({ pool: id }) => id === pool.id);
		pool.mode = found?.mode ?? 'nothing';
		pool.slowsByItself = found?.slowsByItself === true;
		if (pool.openSeconds > 0) {
			pool.mode = 'time';
			this.#adoptSlices(pool, state);
		} else if (pool.mode === 'nothing' && pool.openBytes === 0) {
			// Nothing is reserved, so whatever passed since the last charge was not to be paid.
			pool.mode = 'slow';
		}
	}

	/**
	 * Time runs since it was charged last: the ledger knows when that was, the kernel who still has it. Whoever has counters and
	 * no time left has had its share if there was time enough for that; otherwise we died while we were taking it away, at a
	 * moment that nobody knows, and the configured direction decides. What had begun of a second when it was charged last was had,
	 * by one of them.
	 */
	#adoptSlices(pool: Pool, state: GateState): void {
		const { ledger, clock, meter: owner, powerLoss, log } = this.#options;
		const sinceMs = ledger.lastSettled(pool.account, 'second', owner.epoch) ?? clock.bootMs();
		const share = Math.floor(pool.openSeconds / pool.meters.size);
		const known = metersOf(state);
		let left = pool.openSeconds;
		for (const meter of pool.meters.values()) {
			// Counters come with the first right: without them it never had any.
			if (!known.has(meter.meter)) continue;
			const begunAtMs = (sinceMs - pool.begunMs) as BootMs;
			pool.begunMs = 0;
			if (state.timed.has(meter.meter)) {
				meter.slice = { sinceMs: begunAtMs, seconds: Math.min(left, share) };
				left -= meter.slice.seconds;
				continue;
			}
			const elapsed = Math.max(0, Math.floor((clock.bootMs() - begunAtMs) / 1000));
			const had = elapsed >= share ? share : powerLoss === 'venue' ? elapsed : 0;
			const { mac } = meter;
			if (elapsed < share) log.warn({ mac, atMostSeconds: elapsed, had }, 'nobody knows when its time was interrupted');
			const seconds = Math.min(left, had);
			left -= seconds;
			meter.slice = { sinceMs: begunAtMs, seconds };
		}
	}

	/** Meters in the kernel that no open session knows: they were charged and closed, but not yet forgotten. */
	async #removeOrphans(state: GateState, known: ReadonlySet<MeterId>): Promise<void> {
		const { gate, log } = this.#options;
		const orphans = [...metersOf(state)].filter((id) => !known.has(id));
		const used = new Set(
			state.pools.filter(({ meters }) => meters.some((id) => known.has(id))).map(({ pool }) => pool),
		);
		for (const { pool } of state.pools) {
			if (!used.has(pool)) await gate.apply({ pool, meters: [], right: { kind: 'nothing' } });
		}
		if (orphans.length > 0) log.info({ meters: orphans.length }, 'removing meters of closed sessions');
		await gate.forget(orphans);
	}

	async #attachAll(stations: readonly Station[]): Promise<void> {
		const { meter, log } = this.#options;
		for (const { mac, account } of stations) {
			try {
				await meter.attach(mac, account);
			} catch (error) {
				log.error({ mac, account, error }, 'could not attach a station again');
			}
		}
	}
}

/** What its record has of it, in all classes. */
function bytesOf(session: Session): number {
	const { upBytes, downBytes, freeUpBytes, freeDownBytes, tetheredUpBytes, tetheredDownBytes } = session;
	return upBytes + downBytes + freeUpBytes + freeDownBytes + tetheredUpBytes + tetheredDownBytes;
}

function poolOf(state: GateState, meter: MeterId): PoolId | undefined {
	return state.pools.find(({ meters }) => meters.includes(meter))?.pool;
}

/** All meters of which the kernel has anything. */
function metersOf(state: GateState): ReadonlySet<MeterId> {
	return new Set([...state.unbound, ...state.pools.flatMap(({ meters }) => meters)]);
}
