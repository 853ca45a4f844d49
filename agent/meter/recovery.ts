import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { AccountId, BootMs, MacAddress, MeterId } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LossDirection, LostGrant } from '../ledger/lost.ts';
import type { Epoch, Moment } from '../ledger/moment.ts';
import type { Session } from '../ledger/session.ts';
import type { Gate, GateState } from './gate.ts';
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
		for (const session of present) this.#adoptSession(session, state);
		await this.#removeOrphans(state, new Set(present.map(({ meter }) => meter)));
		const broken: Station[] = [];
		for (const pool of meter.pools.all()) {
			this.#adoptPool(pool, state);
			const { missing } = await gate.read(pool.id, [...pool.meters.keys()]);
			broken.push(...this.#resolveMissing(pool, missing));
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
		const { meter, clock } = this.#options;
		const pool = state.pools.find(({ meters }) => meters.includes(number))?.pool;
		const adopted = newMeterState({ meter: number, mac, session: id }, { up: upBytes, down: downBytes, seconds });
		const timed = state.timed.get(number);
		if (timed) adopted.slice = sliceOf(timed, clock.bootMs());
		meter.adopt({ account, state: adopted, pool });
	}

	#adoptPool(pool: Pool, state: GateState): void {
		const { ledger } = this.#options;
		const account = ledger.account(pool.account);
		pool.openBytes = account?.reserved.byte ?? 0;
		pool.openSeconds = account?.reserved.second ?? 0;
		pool.mode = state.pools.find(({ pool: id }) => id === pool.id)?.mode ?? 'nothing';
		if (pool.openSeconds > 0) {
			pool.mode = 'time';
			this.#adoptEndedSlices(pool);
		}
	}

	/** A slice that has ended in the kernel left no element behind: it was used up whole. */
	#adoptEndedSlices(pool: Pool): void {
		const { clock } = this.#options;
		const running = [...pool.meters.values()].filter(({ slice }) => slice);
		const ended = [...pool.meters.values()].filter(({ slice }) => !slice);
		const seconds = pool.openSeconds - running.reduce((total, { slice }) => total + (slice?.seconds ?? 0), 0);
		const each = ended.length === 0 ? 0 : Math.max(0, Math.floor(seconds / ended.length));
		for (const meter of ended) {
			if (each > 0) meter.slice = { sinceMs: (clock.bootMs() - each * 1000) as BootMs, seconds: each };
		}
	}

	/** Meters in the kernel that no open session knows: they were charged and closed, but not yet forgotten. */
	async #removeOrphans(state: GateState, known: ReadonlySet<MeterId>): Promise<void> {
		const { gate, meter, log } = this.#options;
		const all = [...state.unbound, ...state.pools.flatMap(({ meters }) => meters)];
		const orphans = all.filter((id) => !known.has(id));
		const used = new Set(meter.pools.all().map(({ id }) => id));
		for (const { pool } of state.pools) {
			if (!used.has(pool)) await gate.apply({ pool, meters: [], right: { kind: 'nothing' } });
		}
		if (orphans.length > 0) log.info({ meters: orphans.length }, 'removing meters of closed sessions');
		await gate.forget(orphans);
	}

	/** Counters that vanished alone. One that was never made (a crash before its first grant) is made by the next grant. */
	#resolveMissing(pool: Pool, missing: readonly MeterId[]): Station[] {
		const { ledger, meter, powerLoss, moment, log } = this.#options;
		const lost = missing
			.map((id) => pool.meters.get(id))
			.filter((state): state is MeterState => state !== undefined && state.up + state.down > 0);
		if (lost.length === 0) return [];
		const meters = lost.map(({ meter }) => meter);
		const grants = ledger.resolveLostAccount({
			account: pool.account,
			meters,
			epoch: meter.epoch,
			direction: powerLoss,
			at: moment(),
		});
		log.warn(
			{ account: pool.account, meters, grants: grants.length },
			'counters vanished from the kernel; resolved their grants',
		);
		pool.openBytes = 0;
		pool.openSeconds = 0;
		for (const state of lost) meter.abandon(pool, state);
		return lost.map(({ mac }) => ({ mac, account: pool.account }));
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

/** The slice of an adopted meter: the kernel knows when it ends; it began a whole number of seconds before that. */
function sliceOf({ givenMs, leftMs }: { givenMs: number; leftMs: number }, now: BootMs): MeterState['slice'] {
	const seconds = Math.ceil(givenMs / 1000);
	return { sinceMs: (now + leftMs - seconds * 1000) as BootMs, seconds };
}

function sum(grants: readonly LostGrant[], unit: LostGrant['unit']): number {
	return grants.reduce((total, grant) => total + (grant.unit === unit ? grant.amount : 0), 0);
}
