import type { PoolChange, QuotaReading } from '../meter/gate.ts';
import { limitObject, quotaObject } from '../netlink/index.ts';
import { burstBytesOf, RATE_UNLIMITED } from '../shaping/class-rate.ts';
import { type LimitPart, type Mirror, poolOf, type RightSet } from './mirror.ts';
import { poolObjects, TABLE } from './names.ts';
import type { Transaction } from './transaction.ts';

/** Creates, raises, replaces and removes the objects of a pool. @returns the maps whose elements must be made anew */
export function setObjects(
	transaction: Transaction,
	{ mirror, change }: { mirror: Mirror; change: PoolChange },
): ReadonlySet<RightSet> {
	const { pool, right, tethered } = change;
	const renewed = new Set<RightSet>();
	if (right.kind === 'same') return renewed;
	const state = poolOf(mirror, pool);
	const quota = (part: 'grant' | 'reserve', bytes: number | undefined, reading: QuotaReading | undefined) => {
		const name = poolObjects[part](pool);
		// Once depleted, a quota has counted what it dropped: only a fresh one knows where it stands.
		const inPlace = state[part] && bytes !== undefined && reading !== undefined && !reading.depleted;
		if (state[part] && !inPlace) {
			transaction.deleteObject(name, 'quota');
			renewed.add(`${part}_of`);
			renewed.add(`paced_${part}_of`);
			renewed.add(`tether_${part}_of`);
		}
		state[part] = bytes !== undefined;
		if (bytes === undefined) return;
		const limitBytes = bytes + (inPlace ? reading.usedBytes : 0);
		transaction.setObject(
			quotaObject(TABLE, name, { limitBytes, over: false, existing: inPlace ? 'update' : 'refuse' }),
		);
	};
	const bytes = right.kind === 'bytes' ? right : undefined;
	quota('grant', bytes?.grantBytes, bytes?.reading.grant);
	quota('reserve', bytes?.reserveBytes, bytes?.reading.reserve);

	const limit = (part: LimitPart, rate: number | undefined, set: RightSet) => {
		const name = poolObjects[part](pool);
		const now = state[part];
		state[part] = rate;
		if (now === rate) return;
		if (now !== undefined) {
			transaction.deleteObject(name, 'limit');
			renewed.add(set);
		}
		if (rate === undefined) return;
		const burstBytes = burstBytesOf(rate);
		transaction.setObject(limitObject(TABLE, name, { rateBytesPerSecond: rate, burstBytes, over: false }));
	};
	const slow = right.kind === 'slow' ? right : bytes?.after;
	limit('slowup', slow?.bytesPerSecond, 'slow_up_of');
	limit('slowdown', slow?.bytesPerSecond, 'slow_down_of');
	const pace = right.kind === 'bytes' || right.kind === 'time' ? right.pace : undefined;
	limit('paceup', pace && (pace.upBytesPerSecond ?? RATE_UNLIMITED), 'pace_up_of');
	limit('pacedown', pace && (pace.downBytesPerSecond ?? RATE_UNLIMITED), 'pace_down_of');
	const own = tethered?.kind === 'limited' && (right.kind === 'bytes' || right.kind === 'time') ? tethered : undefined;
	limit('tetherup', own?.bytesPerSecond, 'tether_pace_up_of');
	limit('tetherdown', own?.bytesPerSecond, 'tether_pace_down_of');
	const before = own?.before;
	if (state.tether && (before === undefined || before.isNew)) {
		transaction.deleteObject(poolObjects.tether(pool), 'quota');
		renewed.add('tether_left_of');
		state.tether = false;
	}
	if (before && !state.tether) {
		const limitBytes = before.bytes;
		transaction.setObject(
			quotaObject(TABLE, poolObjects.tether(pool), { limitBytes, over: false, existing: 'refuse' }),
		);
		state.tether = true;
	}
	// A new slice of time is a new element: older kernels keep the old time-out of an existing one.
	if (right.kind === 'time') renewed.add('timed').add('paced_timed').add('tether_timed');
	const limits = [state.slowdown, state.paceup, state.tetherup];
	const isEmpty = !state.grant && !state.reserve && !state.tether && limits.every((rate) => rate === undefined);
	if (isEmpty) mirror.pools.delete(pool);
	return renewed;
}
