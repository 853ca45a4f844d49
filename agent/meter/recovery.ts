import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { AccountId, MacAddress, MeterId } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LossDirection, LostGrant } from '../ledger/lost.ts';
import type { Epoch, Moment } from '../ledger/moment.ts';
import type { Session } from '../ledger/session.ts';
import type { Gate, GateState, PoolId } from './gate.ts';
import { type Meter, newMeterState } from './meter.ts';
import type { MeterState, Pool } from './pool.ts';

export type RecoveryOptions = {
	readonly gate: Gate;
	readonly meter: Meter;
	readonly ledger: Ledger;
	readonly clock: Clock;
	readonly moment: () => Moment;
	readonly powerLoss: LossDirection;
	readonly log: Log;
};

type Station = { readonly mac: MacAddress; readonly account: AccountId };

/** Brings ledger and kernel together again: after a restart, a power cut, or a table that somebody removed. */
export class Recovery {
	readonly #options: RecoveryOptions;

	constructor(options: RecoveryOptions) {
		this.#options = options;
	}

	/**
	 * At the start: sessions whose counters the kernel still has are adopted, to the byte; those whose counters are lost are
	 * resolved in the configured direction, and their stations attached anew.
	 */
	async adopt(state: GateState): Promise<void> {
		const { ledger, meter, gate } = this.#options;
		const sessions = ledger.openSessions();
		const lost = sessions.filter(({ epoch }) => epoch !== state.epoch);
		this.#resolveLost(ledger.openEpochs().filter((epoch) => epoch !== state.epoch));
		meter.begin(state.epoch);
		const present = sessions.filter(({ epoch }) => epoch === state.epoch);
		// Accounts that have a pool in the kernel keep its number; the others must not be given it.
		const bound = present.filter((session) => poolOf(state, session.meter) !== undefined);
		const unbound = present.filter((session) => !bound.includes(session));
		for (const session of [...bound, ...unbound]) this.#adoptSession(session, state);
		await this.#removeOrphans(state, new Set(present.map((session) => session.meter)));
		// Flows may have outlived the table. Their marks must not be charged to whoever gets these numbers next.
		await gate.forget(lost.map((session) => session.meter).filter((id) => !meter.pools.meter(id)));
		const broken: Station[] = [];
		for (const pool of meter.pools.all()) {
			this.#adoptPool(pool, state);
			broken.push(...(await this.#resolveMissing(pool)));
			if (pool.meters.size > 0) await meter.renewed(pool);
		}
		await this.#attachAll([...lost, ...broken]);
	}

	/** While we ran, somebody removed our table: what the last sample did not see is lost. */
	async replace(state: GateState): Promise<void> {
		const { meter, log } = this.#options;
		const pools = meter.pools.all();
		const stations = pools.flatMap(({ account, meters }) =>
			[...meters.values()].map(({ mac }): Station => ({ mac, account })),
		);
		meter.charger.settleRests(pools);
		const grants = this.#resolveLost([meter.epoch]);
		log.warn(
			{ stations: stations.length, boundBytes: sum(grants, 'byte'), boundSeconds: sum(grants, 'second') },
			'the table was removed: at most the bound was forwarded uncounted within grants; what passed without any table is unknown',
		);
		meter.begin(state.epoch);
		await this.#attachAll(stations);
	}

	#resolveLost(epochs: readonly Epoch[]): LostGrant[] {
		const { ledger, powerLoss, moment, log } = this.#options;
		const grants = epochs.flatMap((epoch) => ledger.resolveLost({ epoch, direction: powerLoss, at: moment() }));
		for (const grant of grants) log.warn({ ...grant }, 'the counters behind a grant are lost; resolved it');
		return grants;
	}

	#adoptSession({ id, mac, account, meter: number, upBytes, downBytes, seconds }: Session, state: GateState): void {
		const pool = poolOf(state, number);
		const adopted = newMeterState({ meter: number, mac, session: id }, { up: upBytes, down: downBytes, seconds });
		this.#options.meter.adopt({ account, state: adopted, pool });
	}

	#adoptPool(pool: Pool, state: GateState): void {
		const { ledger } = this.#options;
		const account = ledger.account(pool.account);
		pool.openBytes = account?.reserved.byte ?? 0;
		pool.openSeconds = account?.reserved.second ?? 0;
		pool.mode = state.pools.find(({ pool: id }) => id === pool.id)?.mode ?? 'nothing';
		if (pool.openSeconds > 0) {
			pool.mode = 'time';
			this.#adoptSlices(pool, state);
		} else if (pool.mode === 'nothing' && pool.openBytes === 0) {
			// Nothing is reserved, so whatever passed since the last charge was not to be paid.
			pool.mode = 'slow';
		}
	}

	/**
	 * Time runs since it was charged last: the ledger knows when that was. The kernel knows who still has it; whoever has
	 * counters and no time left has had its share, or lost it at a moment that nobody knows, at most until now. The part of
	 * a second that had begun when it was charged last is the customer's.
	 */
	#adoptSlices(pool: Pool, state: GateState): void {
		const { ledger, clock, meter: owner } = this.#options;
		const sinceMs = ledger.lastSettled(pool.account, 'second', owner.epoch) ?? clock.bootMs();
		const elapsed = Math.max(0, Math.floor((clock.bootMs() - sinceMs) / 1000));
		const share = Math.floor(pool.openSeconds / pool.meters.size);
		const counted = new Set([...state.unbound, ...state.pools.flatMap(({ meters }) => meters)]);
		let left = pool.openSeconds;
		for (const meter of pool.meters.values()) {
			// Counters come with the first right: without them it never had any.
			if (!counted.has(meter.meter)) continue;
			const seconds = Math.min(left, state.timed.has(meter.meter) ? elapsed : Math.min(elapsed, share));
			left -= seconds;
			meter.slice = { sinceMs, seconds };
		}
	}

	/** Meters in the kernel that no open session knows: they were charged and closed, but not yet forgotten. */
	async #removeOrphans(state: GateState, known: ReadonlySet<MeterId>): Promise<void> {
		const { gate, log } = this.#options;
		const all = [...state.unbound, ...state.pools.flatMap(({ meters }) => meters)];
		const orphans = all.filter((id) => !known.has(id));
		const used = new Set(
			state.pools.filter(({ meters }) => meters.some((id) => known.has(id))).map(({ pool }) => pool),
		);
		for (const { pool } of state.pools) {
			if (!used.has(pool)) await gate.apply({ pool, meters: [], right: { kind: 'nothing' } });
		}
		if (orphans.length > 0) log.info({ meters: orphans.length }, 'removing meters of closed sessions');
		await gate.forget(orphans);
	}

	/** Counters that vanished alone. One that was never made (a crash before its first grant) is made by the next grant. */
	async #resolveMissing(pool: Pool): Promise<Station[]> {
		const { ledger, meter, gate, powerLoss, moment, log } = this.#options;
		const { missing } = await gate.read(pool.id, [...pool.meters.keys()]);
		const lost = missing
			.map((id) => pool.meters.get(id))
			.filter((state): state is MeterState => state !== undefined && state.up + state.down > 0);
		if (lost.length === 0) return [];
		// What the others used is charged before the grants are resolved, and nobody uses anything meanwhile.
		await gate.apply({ pool: pool.id, meters: [...pool.meters.values()], right: { kind: 'nothing' } });
		meter.charger.note(pool, await gate.read(pool.id, [...pool.meters.keys()]));
		meter.charger.settle(pool, meter.charger.rest(pool));
		const meters = lost.map((state) => state.meter);
		const { account } = pool;
		const { epoch } = meter;
		const grants = ledger.resolveLostAccount({ account, meters, epoch, direction: powerLoss, at: moment() });
		log.warn({ account, meters, grants: grants.length }, 'counters vanished from the kernel; resolved their grants');
		pool.openBytes = 0;
		pool.openSeconds = 0;
		await gate.forget(meters);
		for (const state of lost) meter.abandon(pool, state);
		return lost.map(({ mac }) => ({ mac, account }));
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

function poolOf(state: GateState, meter: MeterId): PoolId | undefined {
	return state.pools.find(({ meters }) => meters.includes(meter))?.pool;
}

function sum(grants: readonly LostGrant[], unit: LostGrant['unit']): number {
	return grants.reduce((total, grant) => total + (grant.unit === unit ? grant.amount : 0), 0);
}
