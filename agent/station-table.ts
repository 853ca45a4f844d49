import type { AccountBalances } from './account-balances.ts';
import type { MacAddress } from './core/units.ts';
import type { Meter } from './meter/meter.ts';
import type { Place } from './meter/pools.ts';
import type { Station } from './session/station.ts';
import { stationState } from './session/station-state.ts';
import type { Stations } from './session/stations.ts';
import { stationRow } from './station-rows.ts';
import { STATION_STATES, type StationRow, type StationState } from './status/protocol.ts';

/** What a row was made of: as long as it is the same, so is the row. */
type Made = {
	row: StationRow;
	station: Station | undefined;
	seenMs: number;
	addresses: number;
	present: boolean;
	name: string | undefined;
	mode: string | undefined;
	reason: string | undefined;
};

/** The rows of all stations, each made anew only when something about the station has changed. */
export class StationTable {
	readonly #meter: Meter;
	readonly #stations: Stations;
	readonly #balances: AccountBalances;
	#made = new Map<MacAddress, Made>();
	#rows: readonly StationRow[] = [];

	constructor(parts: { meter: Meter; stations: Stations; balances: AccountBalances }) {
		this.#meter = parts.meter;
		this.#stations = parts.stations;
		this.#balances = parts.balances;
	}

	/** Read the balances first. The same array if nothing has changed. */
	read(): readonly StationRow[] {
		const made = new Map<MacAddress, Made>();
		const rows: StationRow[] = [];
		let same = true;
		const add = (mac: MacAddress, station: Station | undefined, place: Place | undefined) => {
			const before = this.#made.get(mac);
			const now = this.#madeOf(before, { mac, station, place });
			same &&= now === before;
			made.set(mac, now);
			rows.push(now.row);
		};
		for (const station of this.#stations.list()) add(station.mac, station, this.#meter.find(station.mac));
		for (const pool of this.#meter.pools.all()) {
			for (const meter of pool.meters.values()) {
				if (!made.has(meter.mac)) add(meter.mac, undefined, { pool, meter });
			}
		}
		if (same && made.size === this.#made.size) return this.#rows;
		this.#made = made;
		this.#rows = rows;
		return rows;
	}

	forget(): void {
		this.#made = new Map();
		this.#rows = [];
	}

	#madeOf(
		before: Made | undefined,
		{ mac, station, place }: { mac: MacAddress; station: Station | undefined; place: Place | undefined },
	): Made {
		const remaining = place && this.#remaining(place);
		if (before && isStill(before, { station, place, remaining })) return before;
		return {
			row: stationRow(mac, { station, place, remaining }),
			station,
			seenMs: station?.lastSeenMs ?? 0,
			addresses: station?.addresses.size ?? 0,
			present: station?.present ?? false,
			name: station?.name,
			mode: place?.pool.mode,
			reason: place?.pool.reason,
		};
	}

	#remaining({ pool }: Place): StationRow['remaining'] {
		const balance = this.#balances.of(pool.account);
		if (!balance) return undefined;
		const unit = pool.mode === 'time' ? 'second' : 'byte';
		return { unit, amount: balance[unit] };
	}
}

function isStill(
	{ row, ...made }: Made,
	{
		station,
		place,
		remaining,
	}: { station: Station | undefined; place: Place | undefined; remaining: StationRow['remaining'] },
): boolean {
	if (made.station !== station || made.mode !== place?.pool.mode || made.reason !== place?.pool.reason) return false;
	if (
		station &&
		(made.seenMs !== station.lastSeenMs ||
			made.present !== station.present ||
			made.addresses !== station.addresses.size ||
			made.name !== station.name)
	) {
		return false;
	}
	if (row.account !== place?.pool.account) return false;
	if (!place) return true;
	const { meter } = place;
	return (
		row.session === meter.session &&
		row.upBytes === meter.up &&
		row.downBytes === meter.down &&
		row.upBytesPerSecond === Math.round(meter.upBytesPerSecond) &&
		row.downBytesPerSecond === Math.round(meter.downBytesPerSecond) &&
		row.remaining?.amount === remaining?.amount &&
		row.remaining?.unit === remaining?.unit
	);
}

/** How many stations are in each state, without making their rows. */
export function stationCounts({ meter, stations }: { meter: Meter; stations: Stations }): Record<StationState, number> {
	const counts = noStations();
	for (const station of stations.list()) {
		counts[stationState(station, meter.find(station.mac)?.pool).state] += 1;
	}
	for (const pool of meter.pools.all()) {
		for (const { mac } of pool.meters.values()) {
			if (!stations.get(mac)) counts[stationState(undefined, pool).state] += 1;
		}
	}
	return counts;
}

function noStations(): Record<StationState, number> {
	return Object.fromEntries(STATION_STATES.map((state) => [state, 0])) as Record<StationState, number>;
}

/** How many stations are in each state. */
export function countsOf(rows: readonly StationRow[]): Record<StationState, number> {
	const counts = noStations();
	for (const { state } of rows) counts[state] += 1;
	return counts;
}
