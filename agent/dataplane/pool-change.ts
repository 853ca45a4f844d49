import { freeMeterOf } from '../core/free-meter.ts';
import { macAddressBytes } from '../core/mac-address.ts';
import type { MacAddress, MeterId } from '../core/units.ts';
import type { PoolChange, QuotaReading, Right } from '../meter/gate.ts';
import { limitObject, quotaObject } from '../netlink/index.ts';
import { burstBytesOf, type ClassPart, classData, classOf, RATE_UNLIMITED } from '../shaping/class-rate.ts';
import type { MarkField } from './mark.ts';
import { DIRECTIONS, type LimitPart, type Mirror, meterOf, poolOf, RIGHT_SETS, type RightSet } from './mirror.ts';
import { ATTACHED_SET, counterName, ENTITLED_SET, poolObjects, stationSet, TABLE } from './names.ts';
import { Transaction } from './transaction.ts';

/**
 * Turns a change of a pool into one transaction against what the mirror says that the kernel holds.
 * The mirror is changed along: drop it if the kernel refuses the transaction.
 */
export function planPoolChange(mirror: Mirror, change: PoolChange, field: MarkField, zeroRated = false): Transaction {
	const transaction = new Transaction();
	const { pool, meters, right } = change;
	const members = new Set(meters.map(({ meter }) => meter));
	for (const [meter, state] of mirror.meters) {
		if (state.pool === pool && !members.has(meter)) removeMember(transaction, { mirror, meter, field });
	}
	// A right that points to the objects of another pool is another right.
	const moved = new Set(meters.map(({ meter }) => meter).filter((meter) => isElsewhere(mirror, meter, pool)));
	for (const { meter, mac } of meters) {
		addMember(transaction, { mirror, meter, mac, pool, field });
		if (zeroRated) addCounters(transaction, { mirror, meter: freeMeterOf(meter), field });
	}

	const wanted = right.kind === 'same' ? sameRights(mirror, pool) : rightsOf(right);
	const renewed = setObjects(transaction, { mirror, pool, right });
	for (const { meter, mac } of meters) {
		const state = meterOf(mirror, meter);
		for (const set of RIGHT_SETS) {
			const has = state.rights.has(set);
			// 'same' takes no time away from those that have it.
			const wants = wanted.includes(set) || (has && TIMED.includes(set) && right.kind === 'same');
			const anew = renewed.has(set) || moved.has(meter);
			if (has && (!wants || anew)) transaction.deleteElement(set, field.key(meter));
			if (wants && (!has || anew)) {
				transaction.addElement(set, { key: field.key(meter), ...elementValue(set, { pool, meter, right }) });
			}
			if (wants) state.rights.add(set);
			else state.rights.delete(set);
		}
		entitle(transaction, { mirror, mac, rights: state.rights, timeoutMs: timeoutOf(right, meter) });
	}
	return transaction;
}

/** Whether the station has a right now, for what asks by its address: the portal's redirect, and names before login. */
function entitle(
	transaction: Transaction,
	{
		mirror,
		mac,
		rights,
		timeoutMs,
	}: { mirror: Mirror; mac: MacAddress; rights: ReadonlySet<RightSet>; timeoutMs: number | undefined },
): void {
	const now = mirror.entitled.get(mac);
	// A right that stays what it is ends when it would have ended.
	const wanted =
		rights.size === 0 ? undefined : rights.has('timed') ? (timeoutMs === undefined ? now : 'timed') : 'lasting';
	const anew = timeoutMs !== undefined || now !== wanted;
	const key = macAddressBytes(mac);
	if (now !== undefined && anew) transaction.deleteElement(ENTITLED_SET, key);
	if (wanted !== undefined && anew) {
		transaction.addElement(ENTITLED_SET, { key, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
	}
	if (wanted === undefined) mirror.entitled.delete(mac);
	else mirror.entitled.set(mac, wanted);
}

/** The transaction that removes counters which were charged for the last time. */
export function planForget(mirror: Mirror, meters: readonly MeterId[], field: MarkField): Transaction {
	const transaction = new Transaction();
	for (const meter of meters) {
		removeMember(transaction, { mirror, meter, field });
		for (const id of [meter, freeMeterOf(meter)]) {
			const state = mirror.meters.get(id);
			for (const direction of state?.countedBy ?? []) transaction.deleteElement(`${direction}_of`, field.key(id));
			for (const direction of state?.counters ?? []) transaction.deleteObject(counterName[direction](id), 'counter');
			mirror.meters.delete(id);
		}
	}
	return transaction;
}

const RIGHTS: Record<Exclude<Right['kind'], 'same'>, readonly RightSet[]> = {
	nothing: [],
	bytes: ['grant_of', 'reserve_of'],
	time: ['timed'],
	slow: ['slow_up_of', 'slow_down_of', 'slow_class_of'],
};

const PACED_RIGHTS = {
	bytes: ['paced_grant_of', 'paced_reserve_of', 'pace_up_of', 'pace_down_of', 'pace_class_of'],
	time: ['paced_timed', 'pace_up_of', 'pace_down_of', 'pace_class_of'],
} as const satisfies Partial<Record<Right['kind'], readonly RightSet[]>>;

/** What makes up a right to time. */
const TIMED: readonly RightSet[] = ['timed', ...PACED_RIGHTS.time];

function rightsOf(right: Exclude<Right, { kind: 'same' }>): readonly RightSet[] {
	const isPaced = (right.kind === 'bytes' || right.kind === 'time') && right.pace !== undefined;
	const sets = isPaced ? PACED_RIGHTS[right.kind] : RIGHTS[right.kind];
	return right.kind === 'bytes' && right.after ? [...sets, ...RIGHTS.slow] : sets;
}

/** What the objects of the pool stand for now. Time is given to each meter by name, never shared by coming. */
function sameRights(mirror: Mirror, pool: number): readonly RightSet[] {
	const { grant, slowdown, paceup } = poolOf(mirror, pool);
	const slow = slowdown === undefined ? [] : RIGHTS.slow;
	if (grant) return [...(paceup === undefined ? RIGHTS.bytes : PACED_RIGHTS.bytes), ...slow];
	return slow;
}

function isElsewhere(mirror: Mirror, meter: MeterId, pool: number): boolean {
	const now = mirror.meters.get(meter)?.pool;
	return now !== undefined && now !== pool;
}

type Member = { mirror: Mirror; meter: MeterId; field: MarkField };

function addMember(
	transaction: Transaction,
	{ mirror, meter, mac, pool, field }: Member & { mac: MacAddress; pool: number },
): void {
	const state = meterOf(mirror, meter);
	state.pool = pool;
	addCounters(transaction, { mirror, meter, field });
	if (state.mac !== undefined && state.mac !== mac && mirror.stations.get(state.mac) === field.markOf(meter)) {
		setStation(transaction, { mirror, mac: state.mac, mark: 0, field });
	}
	setStation(transaction, { mirror, mac, mark: field.markOf(meter), field });
	state.mac = mac;
}

function addCounters(transaction: Transaction, { mirror, meter, field }: Member): void {
	const state = meterOf(mirror, meter);
	for (const direction of DIRECTIONS) {
		const name = counterName[direction](meter);
		if (!state.counters.has(direction)) transaction.addCounter(name);
		if (!state.countedBy.has(direction)) {
			transaction.addElement(`${direction}_of`, { key: field.key(meter), object: name });
		}
		state.counters.add(direction);
		state.countedBy.add(direction);
	}
}

/** Gives the flows of a station these bits of the mark, and no others. */
function setStation(
	transaction: Transaction,
	{ mirror, mac, mark, field }: { mirror: Mirror; mac: MacAddress; mark: number; field: MarkField },
): void {
	const now = mirror.stations.get(mac) ?? 0;
	const key = macAddressBytes(mac);
	for (const [index, bit] of field.bits.entries()) {
		if ((now & bit) !== 0 && (mark & bit) === 0) transaction.deleteElement(stationSet(index), key);
		if ((now & bit) === 0 && (mark & bit) !== 0) transaction.addElement(stationSet(index), { key });
	}
	if (mark !== 0) {
		mirror.stations.set(mac, mark);
		if (!mirror.attached.has(mac)) transaction.addElement(ATTACHED_SET, { key });
		mirror.attached.add(mac);
		return;
	}
	mirror.stations.delete(mac);
	if (mirror.attached.delete(mac)) transaction.deleteElement(ATTACHED_SET, key);
	if (mirror.entitled.delete(mac)) transaction.deleteElement(ENTITLED_SET, key);
}

function removeMember(transaction: Transaction, { mirror, meter, field }: Member): void {
	const state = mirror.meters.get(meter);
	if (!state) return;
	// Only what is still its own: a station that another meter has now keeps that one's mark.
	const own = field.markOf(meter);
	for (const [mac, mark] of mirror.stations) if (mark === own) setStation(transaction, { mirror, mac, mark: 0, field });
	for (const set of state.rights) transaction.deleteElement(set, field.key(meter));
	state.mac = undefined;
	state.pool = undefined;
	state.rights.clear();
}

/** Creates, raises, replaces and removes the objects of a pool. @returns the maps whose elements must be made anew */
function setObjects(
	transaction: Transaction,
	{ mirror, pool, right }: { mirror: Mirror; pool: number; right: Right },
): ReadonlySet<RightSet> {
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
	// A new slice of time is a new element: older kernels keep the old time-out of an existing one.
	if (right.kind === 'time') renewed.add('timed').add('paced_timed');
	const isEmpty = !state.grant && !state.reserve && state.slowdown === undefined && state.paceup === undefined;
	if (isEmpty) mirror.pools.delete(pool);
	return renewed;
}

const CLASS_OF: Partial<Record<RightSet, ClassPart>> = { slow_class_of: 'slow', pace_class_of: 'pace' };

const OBJECTS_OF: Partial<Record<RightSet, keyof typeof poolObjects>> = {
	grant_of: 'grant',
	paced_grant_of: 'grant',
	reserve_of: 'reserve',
	paced_reserve_of: 'reserve',
	slow_up_of: 'slowup',
	slow_down_of: 'slowdown',
	pace_up_of: 'paceup',
	pace_down_of: 'pacedown',
};

function elementValue(set: RightSet, { pool, meter, right }: { pool: number; meter: MeterId; right: Right }) {
	const object = OBJECTS_OF[set];
	if (object !== undefined) return { object: poolObjects[object](pool) };
	const part = CLASS_OF[set];
	if (part !== undefined) return { data: classData(classOf(part, pool)) };
	return { timeoutMs: timeoutOf(right, meter) ?? 1 };
}

/** An element without a time-out would never end: a meter without a slice gets the shortest there is. */
function timeoutOf(right: Right, meter: MeterId): number | undefined {
	return right.kind === 'time' ? Math.max(1, Math.ceil(right.milliseconds.get(meter) ?? 0)) : undefined;
}
