import { freeMeterOf, ownMeterOf } from '../core/free-meter.ts';
import { macAddressBytes } from '../core/mac-address.ts';
import { tetheredMeterOf } from '../core/tethered-meter.ts';
import type { MacAddress, MeterId } from '../core/units.ts';
import type { PoolChange, Right } from '../meter/gate.ts';
import { type ClassPart, classData, classOf } from '../shaping/class-rate.ts';
import { classSets } from './class-sets.ts';
import type { MarkField } from './mark.ts';
import {
	DIRECTIONS,
	type Mirror,
	meterOf,
	type PartClass,
	poolOf,
	RIGHT_SETS,
	type RightSet,
	type StationMark,
} from './mirror.ts';
import { ATTACHED_SET, counterName, ENTITLED_SET, poolObjects, stationSet } from './names.ts';
import { setObjects } from './pool-objects.ts';
import { Transaction } from './transaction.ts';

/** Which classes are counted beside a station's own flows. */
export type CountedClasses = { readonly zeroRated?: boolean; readonly tethered?: boolean };

/**
 * Turns a change of a pool into one transaction against what the mirror says that the kernel holds.
 * The mirror is changed along: drop it if the kernel refuses the transaction.
 */
export function planPoolChange(
	mirror: Mirror,
	change: PoolChange,
	field: MarkField,
	classes: CountedClasses = {},
): Transaction {
	const transaction = new Transaction();
	const { pool, meters, right } = change;
	const members = new Set(meters.map(({ meter }) => meter));
	for (const [meter, state] of mirror.meters) {
		if (state.pool === pool && !members.has(ownMeterOf(meter))) removeMember(transaction, { mirror, meter, field });
	}
	// What was counted once goes on to be, also if nobody judges flows any more: some still have the class.
	const tethering = meters
		.map(({ meter }) => tetheredMeterOf(meter))
		.filter((meter) => classes.tethered === true || mirror.meters.has(meter));
	const staying = meters.map(({ meter }) => meter).filter((meter) => mirror.meters.get(meter)?.pool === pool);
	// A right that points to the objects of another pool is another right.
	const moved = new Set(
		[...meters.map(({ meter }) => meter), ...tethering].filter((meter) => isElsewhere(mirror, meter, pool)),
	);
	for (const { meter, mac } of meters) {
		addMember(transaction, { mirror, meter, mac, pool, field });
		if (classes.zeroRated === true) addCounters(transaction, { mirror, meter: freeMeterOf(meter), field });
	}
	for (const meter of tethering) {
		addCounters(transaction, { mirror, meter, field });
		meterOf(mirror, meter).pool = pool;
	}

	const given = right.kind === 'same' ? sharedRights(mirror, pool, staying) : rightsOf(right);
	const ownSets = right.kind === 'same' ? given : classSets(given, right, change.own);
	const tetheredSets = right.kind === 'same' ? undefined : classSets(given, right, change.tethered);
	const renewed = setObjects(transaction, { mirror, change });
	const give = (meter: MeterId, of: PartClass, wants: (set: RightSet, has: boolean) => boolean) => {
		const { rights } = meterOf(mirror, meter);
		for (const set of RIGHT_SETS) {
			const has = rights.has(set);
			const isWanted = wants(set, has);
			const anew = renewed.has(set) || moved.has(meter);
			if (has && (!isWanted || anew)) transaction.deleteElement(set, field.key(meter));
			if (isWanted && (!has || anew)) {
				const value = elementValue(set, { pool, meter: ownMeterOf(meter), right, of });
				transaction.addElement(set, { key: field.key(meter), ...value });
			}
			if (isWanted) rights.add(set);
			else rights.delete(set);
		}
	};
	for (const meter of tethering) {
		give(meter, 'tether', (set, has) => (tetheredSets === undefined ? has : tetheredSets.includes(set)));
	}
	for (const { meter, mac } of meters) {
		// 'same' takes no time away from those that have it.
		give(meter, 'own', (set, has) => ownSets.includes(set) || (has && TIMED.includes(set) && right.kind === 'same'));
		// Also while its own flows wait and only those of devices behind it pass.
		const rights = new Set([
			...meterOf(mirror, meter).rights,
			...(mirror.meters.get(tetheredMeterOf(meter))?.rights ?? []),
		]);
		entitle(transaction, { mirror, mac, rights, timeoutMs: timeoutOf(right, meter) });
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
	const isTimed = ENDS_BY_ITSELF.some((set) => rights.has(set));
	// A right that stays what it is ends when it would have ended.
	const wanted = rights.size === 0 ? undefined : isTimed ? (timeoutMs === undefined ? now : 'timed') : 'lasting';
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
		const free = freeMeterOf(meter);
		const tethered = tetheredMeterOf(meter);
		removeMember(transaction, { mirror, meter: tethered, field });
		for (const id of [meter, free, tethered]) {
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

/** Elements that end with a slice of time. */
const ENDS_BY_ITSELF: readonly RightSet[] = ['timed', 'paced_timed', 'part_timed'];
/** What makes up a right to time. */
const TIMED: readonly RightSet[] = [...ENDS_BY_ITSELF, ...PACED_RIGHTS.time];

function rightsOf(right: Exclude<Right, { kind: 'same' }>): readonly RightSet[] {
	const isPaced = (right.kind === 'bytes' || right.kind === 'time') && right.pace !== undefined;
	const sets = isPaced ? PACED_RIGHTS[right.kind] : RIGHTS[right.kind];
	return right.kind === 'bytes' && right.after ? [...sets, ...RIGHTS.slow] : sets;
}

/**
 * What stations that stay have, or, if there are none, what the objects of the pool stand for. Time is given to each meter by name,
 * never shared by coming.
 */
function sharedRights(mirror: Mirror, pool: number, staying: readonly MeterId[]): readonly RightSet[] {
	const [one] = staying;
	if (one !== undefined) return [...meterOf(mirror, one).rights].filter((set) => !ENDS_BY_ITSELF.includes(set));
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
	if (state.mac !== undefined && state.mac !== mac && mirror.stationMarks.get(state.mac) === field.markOf(meter)) {
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
	const now = mirror.stationMarks.get(mac) ?? 0;
	const key = macAddressBytes(mac);
	for (const [index, bit] of field.bits.entries()) {
		if ((now & bit) !== 0 && (mark & bit) === 0) transaction.deleteElement(stationSet(index), key);
		if ((now & bit) === 0 && (mark & bit) !== 0) transaction.addElement(stationSet(index), { key });
	}
	if (mark !== 0) {
		mirror.stationMarks.set(mac, mark as StationMark);
		if (!mirror.attached.has(mac)) transaction.addElement(ATTACHED_SET, { key });
		mirror.attached.add(mac);
		return;
	}
	mirror.stationMarks.delete(mac);
	if (mirror.attached.delete(mac)) transaction.deleteElement(ATTACHED_SET, key);
	if (mirror.entitled.delete(mac)) transaction.deleteElement(ENTITLED_SET, key);
}

function removeMember(transaction: Transaction, { mirror, meter, field }: Member): void {
	const state = mirror.meters.get(meter);
	if (!state) return;
	// Only what is still its own: a station that another meter has now keeps that one's mark.
	const own = field.markOf(meter);
	for (const [mac, mark] of mirror.stationMarks)
		if (mark === own) setStation(transaction, { mirror, mac, mark: 0, field });
	for (const set of state.rights) transaction.deleteElement(set, field.key(meter));
	state.mac = undefined;
	state.pool = undefined;
	state.rights.clear();
}

const CLASS_OF: Partial<Record<RightSet, ClassPart>> = {
	slow_class_of: 'slow',
	pace_class_of: 'pace',
};

const OBJECTS_OF: Partial<Record<RightSet, keyof typeof poolObjects>> = {
	grant_of: 'grant',
	paced_grant_of: 'grant',
	reserve_of: 'reserve',
	paced_reserve_of: 'reserve',
	slow_up_of: 'slowup',
	slow_down_of: 'slowdown',
	pace_up_of: 'paceup',
	pace_down_of: 'pacedown',
	part_grant_of: 'grant',
	part_reserve_of: 'reserve',
};

/** The objects of a class of flows, by what stands behind its name. */
const PART_OBJECTS: Partial<Record<RightSet, '' | 'up' | 'down'>> = {
	part_left_of: '',
	part_pace_up_of: 'up',
	part_pace_down_of: 'down',
};

function elementValue(
	set: RightSet,
	{ pool, meter, right, of }: { pool: number; meter: MeterId; right: Right; of: PartClass },
) {
	const end = PART_OBJECTS[set];
	const object = end === undefined ? OBJECTS_OF[set] : (`${of}${end}` as const);
	if (object !== undefined) return { object: poolObjects[object](pool) };
	const part = set === 'part_class_of' ? of : CLASS_OF[set];
	if (part !== undefined) return { data: classData(classOf(part, pool)) };
	return { timeoutMs: timeoutOf(right, meter) ?? 1 };
}

/** An element without a time-out would never end: a meter without a slice gets the shortest there is. */
function timeoutOf(right: Right, meter: MeterId): number | undefined {
	return right.kind === 'time' ? Math.max(1, Math.ceil(right.milliseconds.get(meter) ?? 0)) : undefined;
}
