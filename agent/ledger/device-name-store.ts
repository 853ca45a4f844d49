import type Database from 'better-sqlite3';
import type { MacAddress, WallMs } from '../core/units.ts';
import type { Answer } from './answer.ts';
import { checkText } from './request-check.ts';

/** Random hardware addresses come and go: beyond it the name that was set the longest ago is forgotten. About 0.5 MiB. */
const DEVICE_NAMES_MAX = 8192;
/** Longer than any page lets a customer type. */
const NAME_CHARACTERS_MAX = 64;

/** The table `device_name`: what customers call their devices. */
export class DeviceNames {
	readonly #find: Database.Statement<[string], string>;
	readonly #put: Database.Statement<[string, string, number]>;
	readonly #trim: Database.Statement<[number]>;

	constructor(database: Database.Database) {
		this.#find = database.prepare<[string], string>('SELECT name FROM device_name WHERE mac = ?').pluck();
		this.#put = database.prepare(`INSERT INTO device_name VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET name = excluded.name, set_wall_ms = excluded.set_wall_ms`);
		this.#trim = database.prepare(`DELETE FROM device_name WHERE mac IN
			(SELECT mac FROM device_name ORDER BY set_wall_ms DESC, mac LIMIT -1 OFFSET ?)`);
	}

	find(mac: MacAddress): string | undefined {
		return this.#find.get(mac);
	}

	/** → created, changed, exists. */
	set(mac: MacAddress, name: string, wallMs: WallMs): Answer {
		const found = this.find(mac);
		if (found === name) return 'exists';
		this.#put.run(mac, name, wallMs);
		this.#trim.run(DEVICE_NAMES_MAX);
		return found === undefined ? 'created' : 'changed';
	}
}

/** @throws OctroiError `invalid_value` */
export function checkDeviceName(name: string): void {
	checkText('the name of the device', [...name].length > NAME_CHARACTERS_MAX ? '' : name);
}
