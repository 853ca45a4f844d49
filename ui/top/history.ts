import type { StatusModel } from '../feed/merge.ts';

/** Ten minutes at one delta a second; the widest screen shows less. */
export const HISTORY_SAMPLES_MAX = 600;

export type Rates = { readonly up: number; readonly down: number };

/** The rates of the last minutes: of all, and of the one station that is looked at. */
export class History {
	readonly total: Rates[] = [];
	readonly station: Rates[] = [];
	#mac: string | undefined;
	#sequence = -1;

	/** Once for each picture. */
	note(model: StatusModel, mac: string | undefined): void {
		if (mac !== this.#mac) {
			this.#mac = mac;
			this.station.length = 0;
		}
		if (model.sequence === this.#sequence) return;
		this.#sequence = model.sequence;
		const { upBytesPerSecond: up, downBytesPerSecond: down } = model.traffic;
		push(this.total, { up, down });
		const row = mac === undefined ? undefined : model.stations.get(mac);
		if (row) push(this.station, { up: row.upBytesPerSecond, down: row.downBytesPerSecond });
	}
}

function push(samples: Rates[], sample: Rates): void {
	samples.push(sample);
	if (samples.length > HISTORY_SAMPLES_MAX) samples.shift();
}
