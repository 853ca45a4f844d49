import type { Log } from '../core/log.ts';
import type { AccountId, MacAddress, MeterId } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type LossDirection, type LostGrant, sumOf } from '../ledger/lost.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Gate, PoolReading } from './gate.ts';
import type { Meter } from './meter.ts';
import type { MeterState, Pool } from './pool.ts';
import { endSlice } from './slice.ts';
import type { Traffic } from './traffic.ts';

export type LostCountersOptions = {
	readonly gate: Gate;
	readonly meter: Meter;
	readonly ledger: Ledger;
	readonly moment: () => Moment;
	readonly powerLoss: LossDirection;
	readonly log: Log;
};

export type Station = { readonly mac: MacAddress; readonly account: AccountId };

/** Counters that vanished alone or were set back, while the table stands: what was granted on them is resolved. */
export class LostCounters {
	readonly #options: LostCountersOptions;

	constructor(options: LostCountersOptions) {
		this.#options = options;
	}

	/**
	 * To be called in the pool's turn; may be called again when it failed.
	 *
	 * @returns the stations that could not go on in a new session: they are detached, and to be attached anew
	 * @throws the `ledger_*` and `netlink_*` codes
	 */
	async resolve(pool: Pool): Promise<Station[]> {
		const { meter, gate } = this.#options;
		const { lost } = await meter.look(pool);
		if (lost.length === 0) return [];
		// What the others used is charged before the grants are resolved, and nobody uses anything meanwhile.
		const others = [...pool.meters.values()].filter((other) => !lost.includes(other));
		await gate.apply({ pool: pool.id, meters: others, right: { kind: 'nothing' } });
		const { reading } = await meter.look(pool);
		await gate.removeCounters(lost.map(({ meter: id }) => id));
		// Only now, as what no longer stands cannot be added twice.
		const { charger } = meter;
		addSince(lost, reading, charger.traffic);
		// Time is charged by the clock. Only of a slice that nobody saw begin is it unknown how much was had.
		const rest = charger.rest(pool);
		const isTimeKnown = lost.every(({ slice }) => slice);
		charger.settle(pool, { byte: rest.byte, second: isTimeKnown ? 0 : rest.second });
		pool.mode = 'nothing';
		const { bootMs } = this.#options.moment();
		for (const each of pool.meters.values()) endSlice(pool, each, bootMs);
		this.#resolveGrants(pool, lost);
		return this.#reopen(pool, lost);
	}

	/** Under the same number, which their flows carry: so these go on. */
	#reopen(pool: Pool, lost: readonly MeterState[]): Station[] {
		const { meter, log } = this.#options;
		const detached: Station[] = [];
		for (const each of lost) {
			const { mac } = each;
			try {
				meter.reopen(pool, each);
			} catch (error) {
				log.error({ account: pool.account, mac, error }, 'could not open a new session; attaching the station anew');
				detached.push({ mac, account: pool.account });
			}
		}
		return detached;
	}

	#resolveGrants(pool: Pool, lost: readonly MeterState[]): void {
		const { ledger, meter, powerLoss, moment, log } = this.#options;
		const meters: MeterId[] = lost.map(({ meter: id }) => id);
		const { account } = pool;
		const { epoch } = meter;
		const grants: LostGrant[] = ledger.resolveLostAccount({
			account,
			meters,
			epoch,
			direction: powerLoss,
			at: moment(),
		});
		pool.openBytes = 0;
		pool.openSeconds = 0;
		const bound = { boundBytes: sumOf(grants, 'byte'), boundSeconds: sumOf(grants, 'second') };
		log.warn(
			{ account, stations: lost.map(({ mac }) => mac), ...bound, direction: powerLoss },
			'counters vanished or were set back: at most the bound was forwarded uncounted; resolved the grants',
		);
	}
}

/** What a counter shows that was set back, it has counted since then: it adds to what was seen before. */
function addSince(lost: readonly MeterState[], { counters }: PoolReading, traffic: Traffic): void {
	for (const { meter, up, down, tethered } of counters) {
		const state = lost.find((each) => each.meter === meter);
		if (!state) continue;
		for (const direction of ['up', 'down'] as const) {
			const now = tethered?.[direction] ?? 0;
			const before = state.tethered[direction];
			if (now < before) traffic.noteTethered(state, direction, before + now);
		}
		if (up < state.up) traffic.noteUp(state, state.up + up);
		if (down < state.down) traffic.noteDown(state, state.down + down);
	}
}
