import type Database from 'better-sqlite3';
import type { CarrierEvent, NewCarrierEvent } from './carrier.ts';
import type { Moment } from './moment.ts';

/** Months of events of a busy venue without a carrier; 300 bytes each. Beyond it the oldest go, but none that moves credit. */
export const EVENTS_MAX = 50_000;

/** The table `event`. Only inside of a transaction of its caller. Without an outbox nothing is written. */
export class CarrierEvents {
	readonly #newId: () => string;
	readonly #add: Database.Statement<unknown[]>;
	readonly #span: Database.Statement<[], number>;
	readonly #drop: Database.Statement<[]>;
	readonly #dropped: Database.Statement<[]>;
	readonly #oldest: Database.Statement<[number], EventRow>;
	readonly #remove: Database.Statement<[number]>;

	constructor(database: Database.Database, newId: () => string) {
		this.#newId = newId;
		this.#add = database.prepare(`INSERT INTO event (id, kind, account, session, station, details, wall_ms)
			SELECT ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM outbox)`);
		this.#span = database.prepare<[], number>('SELECT coalesce(max(number) - min(number) + 1, 0) FROM event').pluck();
		this.#drop = database.prepare(`DELETE FROM event WHERE number =
			(SELECT number FROM event WHERE kind NOT LIKE 'slice.%' ORDER BY number LIMIT 1)`);
		this.#dropped = database.prepare('UPDATE outbox SET events_dropped = events_dropped + 1');
		this.#oldest = database.prepare('SELECT * FROM event ORDER BY number LIMIT ?');
		this.#remove = database.prepare('DELETE FROM event WHERE number <= ?');
	}

	add({ kind, account, session, station, details }: NewCarrierEvent, at: Moment): void {
		const references = [account ?? null, session ?? null, station ?? null];
		const added = this.#add.run(this.#newId(), kind, ...references, JSON.stringify(details), at.wallMs);
		if (added.changes === 0 || (this.#span.get() ?? 0) <= EVENTS_MAX) return;
		if (this.#drop.run().changes > 0) this.#dropped.run();
	}

	/** Takes the oldest out, for a batch. */
	take(limit: number): CarrierEvent[] {
		const rows = this.#oldest.all(limit);
		const last = rows.at(-1);
		if (last !== undefined) this.#remove.run(last.number);
		return rows.map(({ id, kind, account, session, station, details, wall_ms: wallMs }) => ({
			id,
			kind,
			wallMs,
			details: JSON.parse(details) as CarrierEvent['details'],
			...(account === null ? {} : { account }),
			...(session === null ? {} : { session }),
			...(station === null ? {} : { station }),
		}));
	}
}

type EventRow = {
	readonly number: number;
	readonly id: string;
	readonly kind: string;
	readonly account: NonNullable<CarrierEvent['account']> | null;
	readonly session: string | null;
	readonly station: NonNullable<CarrierEvent['station']> | null;
	readonly details: string;
	readonly wall_ms: CarrierEvent['wallMs'];
};
