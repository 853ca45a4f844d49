import type { MacAddress } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import { classState } from '../meter/class-right.ts';
import type { Meter } from '../meter/meter.ts';
import { downBytes, downRate, type Pool, unsettledOf, upBytes, upRate } from '../meter/pool.ts';
import { poolRefusal } from '../meter/pool-refusal.ts';
import type { Place } from '../meter/pools.ts';
import type { Station } from '../session/station.ts';
import { type Metering, stationState } from '../session/station-state.ts';
import type { Stations } from '../session/stations.ts';
import type { StationRow } from '../status/protocol.ts';

export type StationRowParts = {
	readonly ledger: Ledger;
	readonly meter: Meter;
	readonly stations: Stations;
	readonly moment: () => Moment;
};

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
		// Those of one account have the same left: it is looked up once.
		const known = new Map<Pool, StationRow['remaining']>();
		const remaining = (pool: Pool) => {
			if (!known.has(pool)) known.set(pool, this.#remaining(pool));
			return known.get(pool);
		};
		const rows = [...this.#stations.list()].map(({ mac }) => this.#row(mac, remaining));
		for (const pool of this.#meter.pools.all()) {
			for (const { mac } of pool.meters.values()) if (!this.#stations.get(mac)) rows.push(this.#row(mac, remaining));
		}
		return rows;
	}

	row(mac: MacAddress): StationRow {
		return this.#row(mac, (pool) => this.#remaining(pool));
	}

	/** Without what is left: nothing is read from the books. */
	plain(mac: MacAddress): StationRow {
		return this.#row(mac, () => undefined);
	}

	#row(mac: MacAddress, remainingOf: (pool: Pool) => StationRow['remaining']): StationRow {
		const place = this.#meter.find(mac);
		return stationRow(mac, { station: this.#stations.get(mac), place, remaining: place && remainingOf(place.pool) });
	}

	/** What the account has left now: the ledger's figure, less what the kernel has counted since. */
	#remaining(pool: Pool): StationRow['remaining'] {
		if (this.#ledger.isBlocked(pool.account) === undefined) return undefined;
		const { packages, wallet } = this.#ledger.funds(pool.account, this.#moment());
		const unit = pool.mode === 'time' ? 'second' : 'byte';
		const unsettled = unsettledOf(pool, this.#moment().bootMs);
		return { unit, amount: Math.max(0, packages[unit] + wallet[unit] - unsettled[unit]) };
	}
}

/** One row, from what is known of the station and of who pays for it. */
export function stationRow(
	mac: MacAddress,
	{
		station,
		place,
		remaining,
	}: { station: Station | undefined; place: Place | undefined; remaining: StationRow['remaining'] },
): StationRow {
	const { state, reason } = stationState(station, place && standingOf(place.pool));
	const row: StationRow = {
		mac,
		...(station?.name === undefined ? {} : { name: station.name }),
		addresses: [...(station?.addresses ?? [])],
		device: station?.device ?? '',
		state,
		reason,
		upBytes: place ? upBytes(place.meter) : 0,
		downBytes: place ? downBytes(place.meter) : 0,
		upBytesPerSecond: place ? upRate(place.meter) : 0,
		downBytesPerSecond: place ? downRate(place.meter) : 0,
	};
	if (!place) return row;
	const { free, tethered } = place.meter;
	const own = classState(place.pool.own);
	return {
		...row,
		account: place.pool.account,
		meter: place.meter.meter,
		session: place.meter.session,
		...(free.up + free.down > 0 ? { zeroRated: { upBytes: free.up, downBytes: free.down } } : {}),
		...(own === 'allowed' ? {} : { own }),
		...(tethered.up + tethered.down > 0 ? { tethered: tetheredRow(place) } : {}),
		...(remaining ? { remaining } : {}),
	};
}

function tetheredRow({ pool, meter: { tethered } }: Place): NonNullable<StationRow['tethered']> {
	const { up: upBytes, down: downBytes } = tethered;
	return { upBytes, downBytes, state: classState(pool.tethered) };
}

/** How the meter deals with the stations of a pool, for people. Whoever is refused is not told that all is well. */
export function standingOf(pool: Pool): Metering {
	switch (poolRefusal(pool)) {
		case 'unbooked':
			return { mode: 'nothing', reason: `what was granted is used up, and no more can be: ${pool.stalled}` };
		case 'part':
			return {
				mode: 'nothing',
				reason: 'its own flows may have nothing more by its plan; those of devices behind it may',
			};
		case undefined:
			return pool;
	}
}
