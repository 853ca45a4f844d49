import type { MacAddress } from './core/units.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Meter } from './meter/meter.ts';
import { elapsedSeconds, type MeterState, type Pool, unsettledBytes } from './meter/pool.ts';
import type { Station } from './session/station.ts';
import { stationState } from './session/station-state.ts';
import type { Stations } from './session/stations.ts';
import type { StationRow } from './status/protocol.ts';

type Metered = { readonly pool: Pool; readonly meter: MeterState };

/** Stations as people see them: who is there, joined with who pays. */
export class StationRows {
	readonly #ledger: Ledger;
	readonly #meter: Meter;
	readonly #stations: Stations;

	constructor({ ledger, meter, stations }: { ledger: Ledger; meter: Meter; stations: Stations }) {
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
		const { free } = metered.meter;
		const remaining = this.#remaining(metered.pool);
		return {
			...row,
			account: metered.pool.account,
			meter: metered.meter.meter,
			session: metered.meter.session,
			...(free.up + free.down > 0 ? { zeroRated: { upBytes: free.up, downBytes: free.down } } : {}),
			...(remaining ? { remaining } : {}),
		};
	}

	/** What the account has left now: the ledger's figure, less what the kernel has counted since. */
	#remaining(pool: Pool): StationRow['remaining'] {
		const account = this.#ledger.account(pool.account);
		if (!account) return undefined;
		const now = pool.settledAtMs;
		if (pool.mode === 'time') {
			const held = account.available.second + account.reserved.second;
			const elapsed = [...pool.meters.values()].reduce((sum, meter) => sum + elapsedSeconds(meter, now), 0);
			return { unit: 'second', amount: Math.max(0, held - elapsed) };
		}
		const held = account.available.byte + account.reserved.byte;
		return { unit: 'byte', amount: Math.max(0, held - unsettledBytes(pool)) };
	}
}
