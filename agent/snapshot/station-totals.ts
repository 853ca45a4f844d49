import type { Meter } from '../meter/meter.ts';
import { downRate, type MeterState, upRate } from '../meter/pool.ts';
import { stationState } from '../session/station-state.ts';
import type { Stations } from '../session/stations.ts';
import { STATION_STATES, type StationRow, type StationState } from '../status/protocol.ts';

export type StationTotals = {
	readonly counts: Record<StationState, number>;
	upBytesPerSecond: number;
	downBytesPerSecond: number;
};

/** How many stations are in each state, and what they move, without making their rows or reading the books. */
export function stationTotals({ meter, stations }: { meter: Meter; stations: Stations }): StationTotals {
	const sums = noTotals();
	for (const station of stations.list()) {
		const place = meter.find(station.mac);
		add(sums, stationState(station, place?.pool).state, place?.meter);
	}
	for (const pool of meter.pools.all()) {
		for (const state of pool.meters.values()) {
			if (!stations.get(state.mac)) add(sums, stationState(undefined, pool).state, state);
		}
	}
	return sums;
}

export function noTotals(): StationTotals {
	const counts = Object.fromEntries(STATION_STATES.map((state) => [state, 0])) as Record<StationState, number>;
	return { counts, upBytesPerSecond: 0, downBytesPerSecond: 0 };
}

/** @param sign 1: the row has come; -1: it has gone */
export function addTo(sums: StationTotals, row: StationRow, sign: 1 | -1): void {
	sums.counts[row.state] += sign;
	sums.upBytesPerSecond += sign * row.upBytesPerSecond;
	sums.downBytesPerSecond += sign * row.downBytesPerSecond;
}

function add(sums: StationTotals, state: StationState, meter: MeterState | undefined): void {
	sums.counts[state] += 1;
	if (meter === undefined) return;
	sums.upBytesPerSecond += upRate(meter);
	sums.downBytesPerSecond += downRate(meter);
}
