import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import type { MacAddress } from '../core/units.ts';

/** A class of flows that an operator can give to all flows of a station. */
export type PinnedClass = 'own' | 'tethered';

/** As many stations as the kernel's sets hold; a venue pins a handful. */
const PINS_MAX = 8192;

/** The table `pin`. */
export class PinStore {
	readonly #all: Database.Statement<[], { mac: MacAddress; class: PinnedClass }>;
	readonly #set: Database.Statement<[string, string]>;
	readonly #remove: Database.Statement<[string]>;
	readonly #count: Database.Statement<[string], number>;

	constructor(database: Database.Database) {
		this.#all = database.prepare('SELECT mac, class FROM pin');
		this.#set = database.prepare('INSERT INTO pin VALUES (?, ?) ON CONFLICT DO UPDATE SET class = excluded.class');
		this.#remove = database.prepare('DELETE FROM pin WHERE mac = ?');
		this.#count = database.prepare<[string], number>('SELECT count(*) FROM pin WHERE mac <> ?').pluck();
	}

	all(): ReadonlyMap<MacAddress, PinnedClass> {
		return new Map(this.#all.all().map((row) => [row.mac, row.class]));
	}

	/** @throws OctroiError `not_allowed` when too many are pinned */
	set(mac: MacAddress, as: PinnedClass | undefined): void {
		if (as === undefined) {
			this.#remove.run(mac);
			return;
		}
		if ((this.#count.get(mac) ?? 0) >= PINS_MAX) {
			throw new OctroiError('not_allowed', `${PINS_MAX} stations are pinned already`, {
				fix: 'let go of some: octroi station pin MAC none',
			});
		}
		this.#set.run(mac, as);
	}
}
