import type { AccountBalances } from './account-balances.ts';
import type { MacAddress } from './core/units.ts';
import type { Meter } from './meter/meter.ts';
import type { Place } from './meter/pools.ts';
import type { Station } from './session/station.ts';
import { stationState } from './session/station-state.ts';
import type { Stations } from './session/stations.ts';
import { stationRow } from './station-rows.ts';
import { STATION_STATES, type StationRow, type StationState } from './status/protocol.ts';

/** A station and its row, with what the row was made of: as long as that is the same, so is the row. */
type Line = {
	readonly mac: MacAddress;
	readonly station: Station | undefined;
	readonly place: Place | undefined;
	row: StationRow | undefined;
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
	#changes = '';
	#lines: Line[] = [];
	#rows: readonly StationRow[] = [];

	constructor(parts: { meter: Meter; stations: Stations; balances: AccountBalances }) {
		this.#meter = parts.meter;
		this.#stations = parts.stations;
		this.#balances = parts.balances;
	}

	/** Read the balances first. The same array if nothing has changed. */
	read(): readonly StationRow[] {
		const changes = `${this.#meter.pools.changes} ${this.#stations.changes}`;
		let changed = changes !== this.#changes;
		if (changed) this.#arrange();
		this.#changes = changes;
		for (const line of this.#lines) {
			if (this.#isStill(line)) continue;
			this.#make(line);
			changed = true;
		}
		if (changed) this.#rows = this.#lines.map(({ row }) => row as StationRow);
		return this.#rows;
	}

	forget(): void {
		this.#changes = '';
		this.#lines = [];
		this.#rows = [];
	}

	/** Who is listed. Lines whose station and place are the same are kept. */
	#arrange(): void {
		const before = new Map(this.#lines.map((line) => [line.mac, line]));
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
			row.upBytes === meter.up &&
			row.downBytes === meter.down &&
			row.upBytesPerSecond === Math.round(meter.upBytesPerSecond) &&
			row.downBytesPerSecond === Math.round(meter.downBytesPerSecond) &&
			row.remaining?.amount === this.#balances.of(pool.account)?.[pool.mode === 'time' ? 'second' : 'byte']
		);
	}

	#make(line: Line): void {
		const { mac, station, place } = line;
		const pool = place?.pool;
		const balance = pool && this.#balances.of(pool.account);
		const unit = pool?.mode === 'time' ? 'second' : 'byte';
		const remaining = balance && { unit, amount: balance[unit] };
		line.row = stationRow(mac, { station, place, remaining } as Parameters<typeof stationRow>[1]);
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
	return { mac, station, place, row: undefined, ...made };
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
