import type { AccountId, MacAddress } from '../core/units.ts';
import type { Meter } from '../meter/meter.ts';
import type { Stations } from '../session/stations.ts';

/**
 * Which stations something has happened to since the last picture: so that a picture costs what has changed, not what there
 * is. Meter and stations collect it only while somebody takes it.
 */
export class ChangeTracker {
	readonly #meter: Meter;
	readonly #stations: Stations;

	constructor({ meter, stations }: { meter: Meter; stations: Stations }) {
		this.#meter = meter;
		this.#stations = stations;
	}

	/** `touched`: stations that moved bytes, were seen or lost, or have another right; `spending`: the accounts of those that moved. */
	take(): { touched: Set<MacAddress>; spending: AccountId[] } {
		const { pools, charger } = this.#meter;
		const { moved = [] } = charger.traffic;
		const touched = new Set(this.#stations.noted);
		const spending: AccountId[] = [];
		for (const { mac } of moved) {
			touched.add(mac);
			const account = pools.find(mac)?.pool.account;
			if (account !== undefined) spending.push(account);
		}
		for (const { meters } of pools.decided ?? []) for (const { mac } of meters.values()) touched.add(mac);
		charger.traffic.moved = new Set();
		pools.decided = new Set();
		this.#stations.noted = new Set();
		return { touched, spending };
	}

	/** Nobody takes it any more. */
	rest(): void {
		this.#meter.charger.traffic.moved = undefined;
		this.#meter.pools.decided = undefined;
		this.#stations.noted = undefined;
	}
}
