import type { MacAddress } from '../core/units.ts';
import type { Meter } from '../meter/meter.ts';
import { downBytes, downRate, type MeterState, type Pool, upBytes, upRate } from '../meter/pool.ts';
import type { Place } from '../meter/pools.ts';
import type { Station } from '../session/station.ts';
import type { Stations } from '../session/stations.ts';
import type { StationRow } from '../status/protocol.ts';
import { RowJournal } from '../status/row-journal.ts';
import type { TableChanges } from '../status/snapshot.ts';
import type { AccountBalances } from './account-balances.ts';
import { IncrementalScan, type Scanned } from './incremental-scan.ts';
import { standingOf, stationRow } from './station-rows.ts';
import { addTo, noTotals, type StationTotals } from './station-totals.ts';

/** A station and its row, with what the row was made of: as long as that is the same, so is the row. */
type Line = Scanned & {
	readonly mac: MacAddress;
	readonly station: Station | undefined;
	readonly place: Place | undefined;
	/** Its place among the rows. */
	index: number;
	row: StationRow | undefined;
	/** Whether the row was made of what follows. */
	isMade: boolean;
	seenMs: number;
	addresses: number;
	present: boolean;
	name: string | undefined;
	mode: string | undefined;
	reason: string | undefined;
	other: number;
	/** What its classes of traffic may have: made anew by each decision. */
	classes: readonly [own: Pool['own'], tethered: Pool['tethered']] | undefined;
};

/** The rows of all stations, and what changes in them. A station that only moves bytes costs six numbers, and no new row. */
export class StationTable {
	readonly #meter: Meter;
	readonly #stations: Stations;
	readonly #balances: AccountBalances;
	#changes = '';
	#lines: Line[] = [];
	#byMac = new Map<MacAddress, Line>();
	readonly #sweep = new IncrementalScan<Line>();
	readonly #journal = new RowJournal<'mac', StationRow>('mac');
	#moved: number[] = [];
	#rows: StationRow[] = [];
	/** Of all rows. */
	sums: StationTotals = noTotals();

	constructor(parts: { meter: Meter; stations: Stations; balances: AccountBalances }) {
		this.#meter = parts.meter;
		this.#stations = parts.stations;
		this.#balances = parts.balances;
	}

	/**
	 * Read the balances first. Rows are changed in place; the same array if they are the same stations.
	 *
	 * @param touched stations that something has happened to since
	 */
	read(touched: Iterable<MacAddress>): readonly StationRow[] {
		const changes = `${this.#meter.pools.changes} ${this.#stations.changes}`;
		const isArranged = changes !== this.#changes;
		if (isArranged) this.#arrange();
		this.#changes = changes;
		this.#sweep.look(this.#lines, this.#announced(touched), (line) => {
			const isChanged = this.#bring(line);
			const { row, place } = line;
			const rate = (row?.upBytesPerSecond ?? 0) + (row?.downBytesPerSecond ?? 0);
			line.isLively = isChanged || rate > 0 || place?.pool.mode === 'time';
		});
		if (isArranged) this.#placeAll();
		return this.#rows;
	}

	/** Since they were taken last. */
	takeChanges(): Pick<TableChanges, 'stations'> {
		const moved = this.#moved;
		this.#moved = [];
		const stations = { ...this.#journal.take(), ...(moved.length > 0 ? { moved } : {}) };
		return Object.keys(stations).length > 0 ? { stations } : {};
	}

	#placeAll(): void {
		this.#rows = this.#lines.map(({ row }) => row as StationRow);
		this.sums = noTotals();
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
		this.takeChanges();
		this.#sweep.restart();
	}

	/** Who is listed. Lines whose station and place are the same are kept. */
	#arrange(): void {
		const before = this.#byMac;
		const lines: Line[] = [];
		const add = (mac: MacAddress, station: Station | undefined, place: Place | undefined) => {
			const known = before.get(mac);
			const isSame = known?.station === station && known?.place?.meter === place?.meter;
			lines.push(known && isSame ? known : { ...newLine(mac, station, place), row: known?.row });
		};
		for (const station of this.#stations.list()) add(station.mac, station, this.#meter.find(station.mac));
		for (const pool of this.#meter.pools.all()) {
			for (const meter of pool.meters.values()) {
				if (!this.#stations.get(meter.mac)) add(meter.mac, undefined, { pool, meter });
			}
		}
		this.#lines = lines;
		this.#byMac = new Map(lines.map((line) => [line.mac, line]));
		for (const mac of before.keys()) if (!this.#byMac.has(mac)) this.#journal.gone(mac);
		this.#sweep.restart();
	}

	/** Brings a line's row up to date. False: it was. */
	#bring(line: Line): boolean {
		if (this.#isStill(line)) return this.#bringFigures(line);
		const before = line.row;
		this.#make(line);
		if (line.row === before) return false;
		const row = line.row as StationRow;
		if (before && this.#rows[line.index]?.mac === line.mac) {
			addTo(this.sums, before, -1);
			addTo(this.sums, row, 1);
			this.#rows[line.index] = row;
		}
		this.#journal.note(before, row);
		// The account's figure stands nowhere else.
		this.#noteMoved(row);
		return true;
	}

	/** Whether nothing but its figures may have changed. */
	#isStill(made: Line): boolean {
		const { row, station, place } = made;
		if (!row || !made.isMade) return false;
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
			made.reason === standingOf(pool).reason &&
			row.session === meter.session &&
			made.other === otherBytes(meter) &&
			made.classes?.[0] === pool.own &&
			made.classes[1] === pool.tethered &&
			(row.remaining === undefined) === (this.#balances.of(pool.account) === undefined)
		);
	}

	/** In place. False: they are as they were. */
	#bringFigures({ row, place }: Line): boolean {
		if (!row || !place) return false;
		const { meter, pool } = place;
		const up = upBytes(meter);
		const down = downBytes(meter);
		const upPerSecond = upRate(meter);
		const downPerSecond = downRate(meter);
		const left = this.#balances.of(pool.account)?.[pool.mode === 'time' ? 'second' : 'byte'];
		if (
			row.upBytes === up &&
			row.downBytes === down &&
			row.upBytesPerSecond === upPerSecond &&
			row.downBytesPerSecond === downPerSecond &&
			row.remaining?.amount === left
		) {
			return false;
		}
		this.sums.upBytesPerSecond += upPerSecond - row.upBytesPerSecond;
		this.sums.downBytesPerSecond += downPerSecond - row.downBytesPerSecond;
		row.upBytes = up;
		row.downBytes = down;
		row.upBytesPerSecond = upPerSecond;
		row.downBytesPerSecond = downPerSecond;
		if (row.remaining && left !== undefined) row.remaining.amount = left;
		this.#noteMoved(row);
		return true;
	}

	/** As {@link MOVED_FIELDS} has them. */
	#noteMoved({ meter, upBytes: up, downBytes: down, remaining, ...row }: StationRow): void {
		if (meter === undefined) return;
		this.#moved.push(meter, up, down, row.upBytesPerSecond, row.downBytesPerSecond, remaining?.amount ?? 0);
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
		line.isMade = true;
		line.seenMs = station?.lastSeenMs ?? 0;
		line.addresses = station?.addresses.size ?? 0;
		line.present = station?.present ?? false;
		line.name = station?.name;
		line.mode = pool?.mode;
		line.reason = pool && standingOf(pool).reason;
		line.other = place ? otherBytes(place.meter) : 0;
		line.classes = pool && [pool.own, pool.tethered];
	}
}

/** Of the classes whose figures are not in every row. */
function otherBytes({ free, tethered }: MeterState): number {
	return free.up + free.down + tethered.up + tethered.down;
}

function newLine(mac: MacAddress, station: Station | undefined, place: Place | undefined): Line {
	const seen = { seenMs: 0, addresses: 0, present: false, name: undefined };
	const made = { mode: undefined, reason: undefined, other: 0, classes: undefined };
	return { mac, station, place, index: -1, row: undefined, isMade: false, isLively: false, ...seen, ...made };
}
