import { ownMeterOf } from '../core/free-meter.ts';
import type { MeterId } from '../core/units.ts';
import type { GateState, QuotaReading } from '../meter/gate.ts';
import type { NfTablesObject } from '../netlink/index.ts';
import type { Mirror, PoolMirror } from './mirror.ts';
import type { PoolId } from './names.ts';

/** What the table holds, in the meter's words. */
export function gateState(mirror: Mirror): Pick<GateState, 'pools' | 'unbound'> {
	const members = new Map<PoolId, MeterId[]>([...mirror.pools.keys()].map((pool) => [pool, []]));
	const unbound: MeterId[] = [];
	for (const [meter, { pool }] of mirror.meters)
		if (ownMeterOf(meter) === meter) (members.get(pool ?? 0) ?? unbound).push(meter);
	const pools = [...members].map(([pool, meters]) => {
		const found = mirror.pools.get(pool);
		const mode = modeOf(found);
		const slows = mode === 'bytes' && found?.slowdown !== undefined;
		return { pool, meters, mode, ...(slows ? ({ slowsByItself: true } as const) : {}) };
	});
	return { pools, unbound };
}

function modeOf(pool: PoolMirror | undefined): 'bytes' | 'slow' | 'nothing' {
	if (pool?.grant || pool?.reserve) return 'bytes';
	return pool?.slowdown === undefined ? 'nothing' : 'slow';
}

/** What a pool's quota says; nothing if it has none. */
export function quotaReading<Part extends string>(part: Part, object: NfTablesObject | undefined) {
	if (object?.kind !== 'quota') return {};
	const { limitBytes, usedBytes, depleted } = object;
	return { [part]: { limitBytes, usedBytes, depleted } } as { [Key in Part]: QuotaReading };
}
