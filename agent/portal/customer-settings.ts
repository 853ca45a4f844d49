import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Log } from '../core/log.ts';
import type { AccountId, MacAddress } from '../core/units.ts';
import { SETTINGS_MAX } from './limits.ts';

/** What customers set on the portal's pages: names of devices, and when they want to be told. Losing it loses no money. */
export class CustomerSettings {
	readonly #path: string;
	readonly #log: Log;
	/** In the order in which they were set. */
	readonly #names = new Map<string, string>();
	readonly #alerts = new Map<string, number>();

	constructor({ path, log }: { path: string; log: Log }) {
		this.#path = path;
		this.#log = log;
	}

	/** Reads the file if there is one. What is wrong with it is logged: it is no reason not to start. */
	load(): void {
		try {
			const { names = {}, alerts = {} } = JSON.parse(readFileSync(this.#path, 'utf8')) as Record<string, object>;
			for (const [mac, name] of Object.entries(names)) if (typeof name === 'string') this.#names.set(mac, name);
			for (const [account, percent] of Object.entries(alerts)) {
				if (Number.isInteger(percent)) this.#alerts.set(account, percent);
			}
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
			this.#log.warn({ error, path: this.#path }, "cannot read the customers' settings; they begin anew");
		}
	}

	deviceName(mac: MacAddress): string | undefined {
		return this.#names.get(mac);
	}

	/** Durable when it returns, as {@link setAlertPercent}. */
	setDeviceName(mac: MacAddress, name: string): void {
		this.#set(this.#names, mac, name);
	}

	/** 0: never. */
	alertPercent(account: AccountId): number {
		return this.#alerts.get(account) ?? 0;
	}

	setAlertPercent(account: AccountId, percent: number): void {
		this.#set(this.#alerts, account, percent);
	}

	#set<Value>(map: Map<string, Value>, key: string, value: Value): void {
		map.delete(key);
		map.set(key, value);
		for (const oldest of map.keys()) {
			if (map.size <= SETTINGS_MAX) break;
			map.delete(oldest);
		}
		const next = `${this.#path}.next`;
		const all = { names: Object.fromEntries(this.#names), alerts: Object.fromEntries(this.#alerts) };
		writeFileSync(next, JSON.stringify(all), { mode: 0o600, flush: true });
		renameSync(next, this.#path);
	}
}
