import { OctroiError } from '../core/octroi-error.ts';
import type { Charger } from './charger.ts';
import type { Gate, PoolReading } from './gate.ts';
import type { MeterState, Pool } from './pool.ts';
import type { Pools } from './pools.ts';

export type ReaderOptions = {
	readonly gate: Gate;
	readonly pools: Pools;
	readonly charger: Charger;
};

/** A look at the kernel's figures of a pool, and at which meters have lost their counters. */
export type Look = { readonly reading: PoolReading; readonly lost: readonly MeterState[] };

/** Takes in the kernel's figures of pools. */
export class Reader {
	/** Counters of a pool are not what they were: what was granted on them must be resolved, in the pool's turn. */
	onCountersLost: (pool: Pool) => void = () => undefined;
	readonly #options: ReaderOptions;

	constructor(options: ReaderOptions) {
		this.#options = options;
	}

	/**
	 * The kernel's figures of a pool, of which every counter can be trusted.
	 *
	 * @throws OctroiError `not_found` (its counters), `netlink_*`
	 */
	async read(pool: Pool): Promise<PoolReading> {
		const { reading, lost } = await this.look(pool);
		// Without its counters nobody knows what of the grant is spent already, so nothing more may be granted.
		if (lost.length > 0 && this.#options.pools.isCurrent(pool)) {
			this.onCountersLost(pool);
			const stations = lost.map(({ mac }) => mac).join(', ');
			throw new OctroiError('not_found', `the counters of ${stations} vanished from the kernel, or were set back`, {
				fix: 'try again: what was granted is being resolved, and the stations are attached anew',
			});
		}
		return reading;
	}

	/** The same, whatever has become of the counters. @throws the `netlink_*` codes */
	async look(pool: Pool): Promise<Look> {
		const before = new Map(
			[...pool.meters.values()].map(({ meter, up, down, tethered }) => [
				meter,
				{ up, down, tetheredUp: tethered.up, tetheredDown: tethered.down },
			]),
		);
		const reading = await this.#options.gate.read(pool.id, [...before.keys()]);
		this.#options.charger.note(pool, reading);
		for (const id of reading.missing) {
			const meter = pool.meters.get(id);
			if (meter?.isCounted) meter.isLost = true;
		}
		for (const { meter: id, up, down, tethered = { up: 0, down: 0 } } of reading.counters) {
			const meter = pool.meters.get(id);
			if (!meter) continue;
			meter.isCounted = true;
			// Whatever was known before it was asked for, the kernel had counted by then; and it only counts up.
			const known = before.get(id);
			if (!known) continue;
			if (up < known.up || down < known.down) meter.isLost = true;
			if (tethered.up < known.tetheredUp || tethered.down < known.tetheredDown) meter.isLost = true;
		}
		return { reading, lost: [...pool.meters.values()].filter(({ isLost }) => isLost) };
	}
}
