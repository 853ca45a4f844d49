import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Log } from '../core/log.ts';
import type { MacAddress } from '../core/units.ts';
import { DEVICE_NAMES_MAX } from './limits.ts';

/** What owners call their devices. A file of its own beside the ledger: losing it loses no money. */
export class DeviceNames {
	readonly #path: string;
	readonly #log: Log;
	/** In the order in which they were given. */
	readonly #names = new Map<MacAddress, string>();

	constructor({ path, log }: { path: string; log: Log }) {
		this.#path = path;
		this.#log = log;
	}

	/** Reads the file if there is one. What is wrong with it is logged: names are no reason not to start. */
	load(): void {
		try {
			const names: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
			for (const [mac, name] of Object.entries(names as object).slice(-DEVICE_NAMES_MAX)) {
				if (typeof name === 'string') this.#names.set(mac as MacAddress, name);
			}
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
			this.#log.warn({ error, path: this.#path }, 'cannot read the names of devices; they begin anew');
		}
	}

	get(mac: MacAddress): string | undefined {
		return this.#names.get(mac);
	}

	/** Durable when it returns. Beyond the limit the oldest name is forgotten. */
	set(mac: MacAddress, name: string): void {
		this.#names.delete(mac);
		this.#names.set(mac, name);
		for (const oldest of this.#names.keys()) {
			if (this.#names.size <= DEVICE_NAMES_MAX) break;
			this.#names.delete(oldest);
		}
		const next = `${this.#path}.next`;
		writeFileSync(next, JSON.stringify(Object.fromEntries(this.#names)), { mode: 0o600, flush: true });
		renameSync(next, this.#path);
	}
}
