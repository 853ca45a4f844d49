import type { MacAddress } from './core/units.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Moment } from './ledger/moment.ts';
import type { Meter } from './meter/meter.ts';
import { elapsedSeconds, type MeterState, type Pool, unsettledBytes } from './meter/pool.ts';
import type { Station } from './session/station.ts';
import { stationState } from './session/station-state.ts';
import type { Stations } from './session/stations.ts';
import type { StationRow } from './status/protocol.ts';

export type StationRowParts = {
	readonly ledger: Ledger;
	readonly meter: Meter;
	readonly stations: Stations;
	readonly moment: () => Moment;
};

type Metered = { readonly pool: Pool; readonly meter: MeterState };

/** Stations as people see them: who is there, joined with who pays. */
export class StationRows {
	readonly #ledger: Ledger;
	readonly #meter: Meter;
	readonly #stations: Stations;
	readonly #moment: () => Moment;

	constructor({ ledger, meter, stations, moment }: StationRowParts) {
		this.#moment = moment;
		this.#ledger = ledger;
		this.#meter = meter;
		this.#stations = stations;
	}

	/** All stations that are there, or attached. */
	list(): StationRow[] {
		const metered = new Map<MacAddress, Metered>();
		for (const pool of this.#meter.pools.all()) {
			for (const meter of pool.meters.values()) metered.set(meter.mac, { pool, meter });
		}
		const rows: StationRow[] = [];
		for (const station of this.#stations.list()) {
			rows.push(this.#row(station.mac, station, metered.get(station.mac)));
			metered.delete(station.mac);
		}
		for (const [mac, found] of metered) rows.push(this.#row(mac, undefined, found));
		return rows;
	}

	row(mac: MacAddress): StationRow {
		return this.#row(mac, this.#stations.get(mac), this.#meter.find(mac));
	}

	#row(mac: MacAddress, station: Station | undefined, metered: Metered | undefined): StationRow {
		const { state, reason } = stationState(station, metered?.pool);
		const row: StationRow = {
			mac,
			...(station?.name === undefined ? {} : { name: station.name }),
			addresses: [...(station?.addresses ?? [])],
			device: station?.device ?? '',
			state,
			reason,
			upBytes: metered?.meter.up ?? 0,
			downBytes: metered?.meter.down ?? 0,
			upBytesPerSecond: metered?.meter.upBytesPerSecond ?? 0,
			downBytesPerSecond: metered?.meter.downBytesPerSecond ?? 0,
		};
		if (!metered) return row;
		const remaining = this.#remaining(metered.pool);
		return {
			...row,
			account: metered.pool.account,
			meter: metered.meter.meter,
			session: metered.meter.session,
			...(remaining ? { remaining } : {}),
		};
	}

	/** What the account has left now: the ledger's figure, less what the kernel has counted since. */
	#remaining(pool: Pool): StationRow['remaining'] {
		if (!this.#ledger.account(pool.account)) return undefined;
		const { packages, wallet } = this.#ledger.funds(pool.account, this.#moment());
		if (pool.mode === 'time') {
			const now = pool.settledAtMs;
			const elapsed = [...pool.meters.values()].reduce((sum, meter) => sum + elapsedSeconds(meter, now), 0);
			return { unit: 'second', amount: Math.max(0, packages.second + wallet.second - elapsed) };
		}
		return { unit: 'byte', amount: Math.max(0, packages.byte + wallet.byte - unsettledBytes(pool)) };
	}
}
