import type { MacAddress, MeterId } from '../core/units.ts';
import type { PoolId } from './names.ts';

/** The maps that give a meter a right. */
export const RIGHT_SETS = [
	'grant_of',
	'reserve_of',
	'timed',
	'slow_up_of',
	'slow_down_of',
	'slow_class_of',
	'paced_grant_of',
	'paced_reserve_of',
	'paced_timed',
	'pace_up_of',
	'pace_down_of',
	'pace_class_of',
	'part_left_of',
	'part_pace_up_of',
	'part_pace_down_of',
	'part_class_of',
	'part_grant_of',
	'part_reserve_of',
	'part_timed',
] as const;
export type RightSet = (typeof RIGHT_SETS)[number];

export const DIRECTIONS = ['up', 'down'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** A class of flows that may have limits of its own, by the name of its objects. */
export type PartClass = 'own' | 'tether';

/** The limit objects of a pool: the rate of fair use, the speed of a plan, and those of its classes of flows, each way. */
export type LimitPart = 'slowup' | 'slowdown' | 'paceup' | 'pacedown' | `${PartClass}up` | `${PartClass}down`;

export type PoolMirror = {
	/** The objects that exist. */
	grant: boolean;
	reserve: boolean;
	/** Bytes per second of the limits of fair use. */
	slowup: number | undefined;
	slowdown: number | undefined;
	/** The same of the limits of a plan that has a speed. */
	paceup: number | undefined;
	pacedown: number | undefined;
	/** The quota of its tethered flows. */
	tether: boolean;
	tetherup: number | undefined;
	tetherdown: number | undefined;
	/** The same of its own flows. */
	own: boolean;
	ownup: number | undefined;
	owndown: number | undefined;
};

export type MeterMirror = {
	pool: PoolId | undefined;
	/** The station whose flows get this meter; undefined once it was taken out. */
	mac: MacAddress | undefined;
	/** The counters that exist. */
	readonly counters: Set<Direction>;
	/** The elements of `up_of` and `down_of` that exist: both, as its counters do, unless someone has deleted one. */
	readonly countedBy: Set<Direction>;
	readonly rights: Set<RightSet>;
};

declare const stationMark: unique symbol;
/** The bits of the mark that a station's flows get: no number of a meter. */
export type StationMark = number & { readonly [stationMark]: never };

/**
 * What our table holds in the kernel, as far as the next transaction has to know it. It is a cache: when the kernel refuses
 * a change that should fit, it is read anew.
 */
export type Mirror = {
	readonly pools: Map<PoolId, PoolMirror>;
	readonly meters: Map<MeterId, MeterMirror>;
	/** The bits of the mark that each station's flows get, as its elements in the sets `station_bit…` say. */
	readonly stationMarks: Map<MacAddress, StationMark>;
	/** The elements of the set `attached`. */
	readonly attached: Set<MacAddress>;
	/** Those of `entitled`, and whether they end by themselves. */
	readonly entitled: Map<MacAddress, 'timed' | 'lasting'>;
};

export function emptyMirror(): Mirror {
	return { pools: new Map(), meters: new Map(), stationMarks: new Map(), attached: new Set(), entitled: new Map() };
}

export function poolOf(mirror: Mirror, pool: PoolId): PoolMirror {
	const found = mirror.pools.get(pool) ?? {
		grant: false,
		reserve: false,
		slowup: undefined,
		slowdown: undefined,
		paceup: undefined,
		pacedown: undefined,
		tether: false,
		tetherup: undefined,
		tetherdown: undefined,
		own: false,
		ownup: undefined,
		owndown: undefined,
	};
	mirror.pools.set(pool, found);
	return found;
}

export function meterOf(mirror: Mirror, meter: MeterId): MeterMirror {
	const found = mirror.meters.get(meter) ?? {
		pool: undefined,
		mac: undefined,
		counters: new Set<Direction>(),
		countedBy: new Set<Direction>(),
		rights: new Set<RightSet>(),
	};
	mirror.meters.set(meter, found);
	return found;
}
