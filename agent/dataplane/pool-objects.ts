import type { ClassRight, PoolChange, QuotaReading } from '../meter/gate.ts';
import { limitObject, quotaObject } from '../netlink/index.ts';
import { burstBytesOf, RATE_UNLIMITED } from '../shaping/class-rate.ts';
import { type LimitPart, type Mirror, type PartClass, poolOf, type RightSet } from './mirror.ts';
import { poolObjects, TABLE } from './names.ts';
import type { Transaction } from './transaction.ts';

/** Creates, raises, replaces and removes the objects of a pool. @returns the maps whose elements must be made anew */
export function setObjects(
	transaction: Transaction,
	{ mirror, change }: { mirror: Mirror; change: PoolChange },
): ReadonlySet<RightSet> {
	const { pool, right } = change;
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
			renewed.add(`part_${part}_of`);
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
	// Of own flows as of tethered ones: the part is counted by an object that nothing else touches.
	const part = (of: PartClass, policy: ClassRight | undefined) => {
		const isSpending = right.kind === 'bytes' || right.kind === 'time';
		const limits = isSpending && policy?.kind === 'limited' ? policy : undefined;
		limit(`${of}up`, limits?.bytesPerSecond, 'part_pace_up_of');
		limit(`${of}down`, limits?.bytesPerSecond, 'part_pace_down_of');
		const before = limits?.before;
		if (state[of] && (before === undefined || before.isNew)) {
			transaction.deleteObject(poolObjects[of](pool), 'quota');
			renewed.add('part_left_of');
			state[of] = false;
		}
		if (!before || state[of]) return;
		transaction.setObject(
			quotaObject(TABLE, poolObjects[of](pool), { limitBytes: before.bytes, over: false, existing: 'refuse' }),
		);
		state[of] = true;
	};
	part('tether', change.tethered);
	part('own', change.own);
	// A new slice of time is a new element: older kernels keep the old time-out of an existing one.
	if (right.kind === 'time') renewed.add('timed').add('paced_timed').add('part_timed');
	const limits = [state.slowdown, state.paceup, state.tetherup, state.ownup];
	const quotas = [state.grant, state.reserve, state.tether, state.own];
	const isEmpty = !quotas.includes(true) && limits.every((rate) => rate === undefined);
	if (isEmpty) mirror.pools.delete(pool);
	return renewed;
}
