import type Database from 'better-sqlite3';
import type { AccountId, Unit, WallMs } from '../core/units.ts';
import type { UsagePart } from './carrier.ts';
import type { Moment } from './moment.ts';
import type { Reason } from './reason.ts';

type PartRow = {
	readonly unit: Unit;
	readonly reason: Reason;
	readonly source: number;
	readonly amount: number;
	readonly from_wall_ms: WallMs;
	readonly plan_name: string | null;
	readonly slice: string | null;
	readonly tariff: string | null;
};
type Bytes = { readonly class: UsagePart['class']; readonly up: number; readonly down: number };
type SessionRow = { readonly id: string; readonly account: AccountId; readonly closed: 0 | 1 };

/** What nobody paid with credit of their own. */
const UNPAID: ReadonlySet<Reason> = new Set(['included', 'zero_rated', 'throttled', 'overrun']);
/** The classes whose bytes have reasons of their own; all others are of the class `own`. */
const CLASS_OF: Partial<Record<Reason, UsagePart['class']>> = { zero_rated: 'free' };

/** The tables `unreported` and `reported`: the part of each session's use that is in no batch. Only inside of a transaction. */
export class UnreportedUsage {
	readonly #sessions: Database.Statement<[number], number>;
	readonly #session: Database.Statement<[number], SessionRow>;
	readonly #parts: Database.Statement<[number, number], PartRow>;
	readonly #bytes: Database.Statement<[number], Bytes>;
	readonly #reportedBytes: Database.Statement<[number], { reason: Reason; up: number; down: number }>;
	readonly #report: Database.Statement<unknown[]>;
	readonly #forget: Database.Statement<[number]>;
	readonly #done: Database.Statement<[number]>;
	readonly #count: Database.Statement<[], number>;
	readonly #addOpen: Database.Statement<[]>;

	constructor(database: Database.Database) {
		this.#sessions = database
			.prepare<[number], number>('SELECT session FROM unreported ORDER BY session LIMIT ?')
			.pluck();
		this.#session = database.prepare(`SELECT s.id, a.id AS account, s.closed_wall_ms IS NOT NULL AS closed
			FROM session AS s JOIN account AS a ON a.number = s.account WHERE s.number = ?`);
		this.#parts = database.prepare(`
			SELECT i.unit, i.reason, i.source, i.amount - coalesce(r.amount, 0) AS amount,
				coalesce(r.to_wall_ms, s.opened_wall_ms) AS from_wall_ms, p.plan_name, iif(x.balance IS NULL, NULL, p.id) AS slice,
				t.name AS tariff
			FROM item AS i JOIN session AS s ON s.number = i.session
				LEFT JOIN reported AS r ON r.session = i.session AND r.unit = i.unit AND r.reason = i.reason AND r.source = i.source
				LEFT JOIN package AS p ON i.reason = 'used' AND p.balance = i.source
				LEFT JOIN slice AS x ON x.balance = p.balance
				LEFT JOIN tariff AS t ON i.reason = 'rated' AND t.number = i.source
			WHERE i.session = ? AND i.amount > coalesce(r.amount, 0) LIMIT ?`);
		this.#bytes = database.prepare('SELECT class, up_bytes AS up, down_bytes AS down FROM meter WHERE session = ?');
		this.#reportedBytes = database.prepare(`SELECT reason, sum(up_bytes) AS up, sum(down_bytes) AS down
			FROM reported WHERE session = ? AND unit = 'byte' GROUP BY reason`);
		this.#report = database.prepare(`INSERT INTO reported VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
			amount = amount + excluded.amount, up_bytes = up_bytes + excluded.up_bytes,
			down_bytes = down_bytes + excluded.down_bytes, to_wall_ms = excluded.to_wall_ms`);
		this.#forget = database.prepare('DELETE FROM reported WHERE session = ?');
		this.#done = database.prepare('DELETE FROM unreported WHERE session = ?');
		this.#count = database.prepare<[], number>('SELECT count(*) FROM unreported').pluck();
		this.#addOpen = database.prepare(`INSERT OR IGNORE INTO unreported
			SELECT DISTINCT m.session FROM meter AS m JOIN item AS i ON i.session = m.session WHERE m.open = 1`);
	}

	count(): number {
		return this.#count.get() ?? 0;
	}

	/** What was used before there was a carrier is not reported. */
	skipPast(at: Moment): void {
		this.#addOpen.run();
		for (;;) if (this.take(1000, at).isAll) return;
	}

	/** Takes parts out, oldest sessions first. @returns `isAll`: nothing is left */
	take(limit: number, at: Moment): { parts: UsagePart[]; isAll: boolean } {
		const parts: UsagePart[] = [];
		for (const session of this.#sessions.all(limit + 1)) {
			if (parts.length >= limit) return { parts, isAll: false };
			if (!this.#takeSession(session, { limit, at, parts })) return { parts, isAll: false };
		}
		return { parts, isAll: this.count() === 0 };
	}

	/** @returns whether nothing of the session is left */
	#takeSession(number: number, into: { limit: number; at: Moment; parts: UsagePart[] }): boolean {
		const { limit, at, parts } = into;
		const session = this.#session.get(number) as SessionRow;
		const room = limit - parts.length;
		const rows = this.#parts.all(number, room + 1);
		const split = this.#splitter(number);
		for (const row of rows.slice(0, room)) {
			const { unit, reason, source, amount, from_wall_ms: fromWallMs } = row;
			const { up, down } = unit === 'byte' ? split(reason, amount) : { up: 0, down: 0 };
			const toWallMs = at.wallMs;
			this.#report.run(number, unit, reason, source, amount, up, down, toWallMs);
			parts.push({
				...{ account: session.account, session: session.id, class: CLASS_OF[reason] ?? 'own', unit, amount, reason },
				...{ upBytes: up, downBytes: down, paid: !UNPAID.has(reason), fromWallMs, toWallMs },
				...(row.slice === null ? {} : { slice: row.slice }),
				...(row.tariff === null ? {} : { tariff: row.tariff }),
				...(row.plan_name === null || row.slice !== null ? {} : { plan: row.plan_name }),
			});
		}
		if (rows.length > room) return false;
		this.#done.run(number);
		// A closed session uses nothing any more.
		if (session.closed === 1) this.#forget.run(number);
		return true;
	}

	/** Shares a class's bytes up and down out over its items: their sums are exact, whichever item had which. */
	#splitter(session: number): (reason: Reason, amount: number) => { up: number; down: number } {
		const upLeft = new Map(this.#bytes.all(session).map((meter) => [meter.class, meter.up]));
		for (const { reason, up } of this.#reportedBytes.all(session)) {
			const key = CLASS_OF[reason] ?? 'own';
			upLeft.set(key, (upLeft.get(key) ?? 0) - up);
		}
		return (reason, amount) => {
			const key = CLASS_OF[reason] ?? 'own';
			const left = upLeft.get(key) ?? 0;
			const up = Math.min(Math.max(0, left), amount);
			upLeft.set(key, left - up);
			return { up, down: amount - up };
		};
	}
}
