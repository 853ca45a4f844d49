import type Database from 'better-sqlite3';
import type { ClockStore, KnownBy, StoredClock } from '../core/trusted-clock.ts';

type ClockRow = {
	readonly boot: string;
	readonly offset_ms: number;
	readonly since_ms: number;
	readonly known_by: KnownBy | null;
	readonly seen_ms: number;
};

/** Every column that holds a date which follows from the clock, with its table. A date that somebody has named is none of them. */
const DATED = [
	['package', 'expires_at_wall_ms', ''],
	// One that has ended is never changed again.
	['gift', 'valid_until_wall_ms', "AND state = 'offered'"],
	['permission', 'expires_wall_ms', 'AND used_by IS NULL'],
] as const;

type Write = <Result>(work: () => Result) => Result;

/** The table `clock`, and the dates that were set by it. */
export class ClockRows implements ClockStore {
	readonly #write: Write;
	readonly #read: Database.Statement<[], ClockRow>;
	readonly #newest: Database.Statement<[], number | null>;
	readonly #booked: Database.Statement<[], number>;
	readonly #store: Database.Statement<[string, number, number, KnownBy | null, number]>;
	readonly #move: readonly Database.Statement<[{ byMs: number; fromMs: number }]>[];

	/** @param write runs in one transaction, durable when it returns */
	constructor(database: Database.Database, write: Write) {
		this.#write = write;
		this.#read = database.prepare('SELECT * FROM clock');
		const newest = DATED.map(([table]) => `SELECT max(dated_at_ms) AS at FROM ${table}`).join(' UNION ALL ');
		this.#newest = database.prepare<[], number | null>(`SELECT max(at) FROM (${newest})`).pluck();
		this.#booked = database.prepare<[], number>('SELECT wall_ms FROM transfer ORDER BY sequence DESC LIMIT 1').pluck();
		this.#store = database.prepare('INSERT OR REPLACE INTO clock VALUES (1, ?, ?, ?, ?, ?)');
		this.#move = DATED.map(([table, date, only]) =>
			database.prepare(
				`UPDATE ${table} SET ${date} = ${date} + @byMs, dated_at_ms = dated_at_ms + @byMs WHERE dated_at_ms >= @fromMs ${only}`,
			),
		);
	}

	read(): StoredClock | undefined {
		const row = this.#read.get();
		if (row === undefined) return undefined;
		const { boot, offset_ms: offsetMs, since_ms: sinceMs, known_by: knownBy, seen_ms: seenMs } = row;
		return { boot, offsetMs, sinceMs, knownBy, seenMs };
	}

	newest(): { readonly datedMs: number; readonly bookedMs: number | undefined } {
		return { datedMs: this.#newest.get() ?? 0, bookedMs: this.#booked.get() };
	}

	store(clock: StoredClock): void {
		this.#write(() => this.#put(clock));
	}

	redate(move: { readonly fromMs: number; readonly byMs: number }, clock: StoredClock): number {
		return this.#write(() => {
			const moved = this.#move.reduce((sum, statement) => sum + statement.run(move).changes, 0);
			this.#put(clock);
			return moved;
		});
	}

	#put({ boot, offsetMs, sinceMs, knownBy, seenMs }: StoredClock): void {
		this.#store.run(boot, offsetMs, sinceMs, knownBy, seenMs);
	}
}
