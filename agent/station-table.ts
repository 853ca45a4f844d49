import type { AccountBalances } from './account-balances.ts';
import type { MacAddress } from './core/units.ts';
import type { Meter } from './meter/meter.ts';
import { downBytes, downRate, upBytes, upRate } from './meter/pool.ts';
import type { Place } from './meter/pools.ts';
import type { Station } from './session/station.ts';
import { stationState } from './session/station-state.ts';
import type { Stations } from './session/stations.ts';
import { stationRow } from './station-rows.ts';
import { STATION_STATES, type StationRow, type StationState } from './status/protocol.ts';
import { Sweep, type Swept } from './sweep.ts';

/** A station and its row, with what the row was made of: as long as that is the same, so is the row. */
type Line = Swept & {
	readonly mac: MacAddress;
	readonly station: Station | undefined;
	readonly place: Place | undefined;
	/** Its place among the rows. */
	index: number;
	row: StationRow | undefined;
	seenMs: number;
	addresses: number;
	present: boolean;
	name: string | undefined;
	mode: string | undefined;
	reason: string | undefined;
};

export type StationSums = {
	readonly counts: Record<StationState, number>;
	upBytesPerSecond: number;
	downBytesPerSecond: number;
};

/** The rows of all stations, each made anew only when something about the station has changed. */
export class StationTable {
	readonly #meter: Meter;
	readonly #stations: Stations;
	readonly #balances: AccountBalances;
	#changes = '';
	#lines: Line[] = [];
	#byMac = new Map<MacAddress, Line>();
	readonly #sweep = new Sweep<Line>();
	#rows: readonly StationRow[] = [];
	/** Of all rows. */
	sums: StationSums = noSums();

	constructor(parts: { meter: Meter; stations: Stations; balances: AccountBalances }) {
		this.#meter = parts.meter;
		this.#stations = parts.stations;
		this.#balances = parts.balances;
	}

	/**
	 * Read the balances first. The same array if nothing has changed.
	 *
	 * @param touched stations that something has happened to since
	 */
	read(touched: Iterable<MacAddress>): readonly StationRow[] {
		const changes = `${this.#meter.pools.changes} ${this.#stations.changes}`;
		const isArranged = changes !== this.#changes;
		if (isArranged) this.#arrange();
		this.#changes = changes;
		const changed: Line[] = [];
		this.#sweep.look(this.#lines, this.#announced(touched), (line) => {
			const before = line.row;
			if (!this.#isStill(line)) this.#make(line);
			const { row, place } = line;
			const rate = (row?.upBytesPerSecond ?? 0) + (row?.downBytesPerSecond ?? 0);
			line.isLively = row !== before || rate > 0 || place?.pool.mode === 'time';
			if (row === before) return;
			if (before && !isArranged) addTo(this.sums, before, -1);
			if (row && !isArranged) addTo(this.sums, row, 1);
			changed.push(line);
		});
		if (isArranged) this.#placeAll();
		else if (changed.length > 0) this.#rows = replaced(this.#rows, changed);
		return this.#rows;
	}

	#placeAll(): void {
		this.#rows = this.#lines.map(({ row }) => row as StationRow);
		this.sums = noSums();
		for (const [index, line] of this.#lines.entries()) {
			line.index = index;
			addTo(this.sums, line.row as StationRow, 1);
		}
	}

	/** Those that were touched, and those of accounts whose balance has changed. */
	*#announced(touched: Iterable<MacAddress>): Iterable<Line> {
		for (const mac of touched) {
			const line = this.#byMac.get(mac);
			if (line) yield line;
		}
		for (const account of this.#balances.changed) {
			for (const { mac } of this.#meter.pools.of(account)?.meters.values() ?? []) {
				const line = this.#byMac.get(mac);
				if (line) yield line;
			}
		}
	}

	forget(): void {
		this.#changes = '';
		this.#lines = [];
		this.#byMac = new Map();
		this.#rows = [];
		this.#sweep.restart();
	}

	/** Who is listed. Lines whose station and place are the same are kept. */
	#arrange(): void {
		const before = this.#byMac;
		const lines: Line[] = [];
		const add = (mac: MacAddress, station: Station | undefined, place: Place | undefined) => {
			const known = before.get(mac);
			const isSame = known?.station === station && known?.place?.meter === place?.meter;
			lines.push(known && isSame ? known : newLine(mac, station, place));
		};
		for (const station of this.#stations.list()) add(station.mac, station, this.#meter.find(station.mac));
		for (const pool of this.#meter.pools.all()) {
			for (const meter of pool.meters.values()) {
				if (!this.#stations.get(meter.mac)) add(meter.mac, undefined, { pool, meter });
			}
		}
		this.#lines = lines;
		this.#byMac = new Map(lines.map((line) => [line.mac, line]));
		this.#sweep.restart();
	}

	#isStill(made: Line): boolean {
		const { row, station, place } = made;
		if (!row) return false;
		if (
			station &&
			(made.seenMs !== station.lastSeenMs ||
				made.present !== station.present ||
				made.addresses !== station.addresses.size ||
				made.name !== station.name)
		) {
			return false;
		}
		if (!place) return true;
		const { meter, pool } = place;
		return (
			made.mode === pool.mode &&
			made.reason === pool.reason &&
			row.session === meter.session &&
			row.upBytes === upBytes(meter) &&
			row.downBytes === downBytes(meter) &&
			row.upBytesPerSecond === upRate(meter) &&
			row.downBytesPerSecond === downRate(meter) &&
			row.remaining?.amount === this.#balances.of(pool.account)?.[pool.mode === 'time' ? 'second' : 'byte']
		);
	}

	#make(line: Line): void {
		const { mac, station, place } = line;
		const pool = place?.pool;
		const balance = pool && this.#balances.of(pool.account);
		const unit = pool?.mode === 'time' ? 'second' : 'byte';
		const remaining = balance && { unit, amount: balance[unit] };
		const row = stationRow(mac, { station, place, remaining } as Parameters<typeof stationRow>[1]);
		// It may have been heard again, and nothing else.
		if (line.row === undefined || JSON.stringify(row) !== JSON.stringify(line.row)) line.row = row;
		line.seenMs = station?.lastSeenMs ?? 0;
		line.addresses = station?.addresses.size ?? 0;
		line.present = station?.present ?? false;
		line.name = station?.name;
		line.mode = pool?.mode;
		line.reason = pool?.reason;
	}
}

function newLine(mac: MacAddress, station: Station | undefined, place: Place | undefined): Line {
	const made = { seenMs: 0, addresses: 0, present: false, name: undefined, mode: undefined, reason: undefined };
	return { mac, station, place, index: -1, row: undefined, isLively: false, ...made };
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

function noSums(): StationSums {
	return { counts: noStations(), upBytesPerSecond: 0, downBytesPerSecond: 0 };
}

/** @param sign 1: the row has come; -1: it has gone */
function addTo(sums: StationSums, row: StationRow, sign: 1 | -1): void {
	sums.counts[row.state] += sign;
	sums.upBytesPerSecond += sign * row.upBytesPerSecond;
	sums.downBytesPerSecond += sign * row.downBytesPerSecond;
}

/** A copy in which these lines have their new rows: the others are not touched, for they are cold. */
function replaced(rows: readonly StationRow[], changed: readonly Line[]): readonly StationRow[] {
	const copy = rows.slice();
	for (const { index, row } of changed) copy[index] = row as StationRow;
	return copy;
}

/** How many stations are in each state. */
export function countsOf(rows: readonly StationRow[]): Record<StationState, number> {
	const counts = noStations();
	for (const { state } of rows) counts[state] += 1;
	return counts;
}
