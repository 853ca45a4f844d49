import type Database from 'better-sqlite3';
import type { Unit } from '../core/units.ts';
import type { Reason } from './reason.ts';

/** A part of a session's use, and what paid for it. */
export type NewItem = {
	readonly session: number;
	readonly unit: Unit;
	readonly reason: Reason;
	/** The balance of a package, the number of a tariff, or 0. */
	readonly source: number;
	readonly amount: number;
	readonly cost: number;
	/** How many of the bytes were tethered, and which package was being spent. */
	readonly tethered?: { readonly bytes: number; readonly package: number };
};

/** The table `item`. Amounts of one session, reason and source add up in one row, so a record stays as short as it is simple. */
export class ItemStore {
	readonly #add: Database.Statement<[number, Unit, Reason, number, number, number]>;
	readonly #addTethered: Database.Statement<[number, Reason, number, number]>;
	readonly #tethered: Database.Statement<[number], number>;
	readonly #rated: Database.Statement<[number, Unit, number], number>;
	readonly #report: Database.Statement<[number]>;

	constructor(database: Database.Database) {
		this.#add = database.prepare(`INSERT INTO item VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET amount = amount + excluded.amount, cost = cost + excluded.cost`);
		this.#addTethered = database.prepare(`INSERT INTO tethered_item VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET amount = amount + excluded.amount`);
		this.#tethered = database
			.prepare<[number], number>('SELECT coalesce(sum(amount), 0) FROM tethered_item WHERE package = ?')
			.pluck();
		// With a carrier only. A session that is noted already costs no page.
		this.#report = database.prepare('INSERT OR IGNORE INTO unreported SELECT ? WHERE EXISTS (SELECT 1 FROM outbox)');
		this.#rated = database
			.prepare<[number, Unit, number], number>(
				`WITH RECURSIVE record (number) AS (
					SELECT ? UNION ALL SELECT s.follows FROM record AS r JOIN session AS s ON s.number = r.number WHERE s.follows IS NOT NULL
				)
				SELECT coalesce(sum(i.amount), 0) FROM record AS r JOIN item AS i ON i.session = r.number
				WHERE i.unit = ? AND i.reason = 'rated' AND i.source = ?`,
			)
			.pluck();
	}

	add({ session, unit, reason, source, amount, cost, tethered }: NewItem): void {
		if (amount === 0) return;
		this.#add.run(session, unit, reason, source, amount, cost);
		if (tethered && tethered.bytes > 0) this.#addTethered.run(session, reason, tethered.package, tethered.bytes);
		this.#report.run(session);
	}

	/** How many tethered bytes passed while a package was being spent. */
	tethered(balance: number): number {
		return this.#tethered.get(balance) ?? 0;
	}

	/** What a station has used under a tariff since it was attached: in its session, and in those before that had ended. */
	rated(session: number, unit: Unit, tariff: number): number {
		return this.#rated.get(session, unit, tariff) ?? 0;
	}
}
