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
type ClassUp = { readonly class: UsagePart['class']; readonly up: number };
type ReportedRow = {
	readonly reason: Reason;
	readonly source: number;
	readonly own_up: number;
	readonly tethered: number;
	readonly tethered_up: number;
};
/** A part of an item's bytes, all of one class. */
type Bytes = { readonly class: UsagePart['class']; readonly amount: number; readonly up: number };
type SessionRow = { readonly id: string; readonly account: AccountId; readonly closedWallMs: WallMs | null };

/** What nobody paid with credit of their own. */
const UNPAID: ReadonlySet<Reason> = new Set(['included', 'zero_rated', 'throttled', 'overrun']);
/** The class whose bytes have a reason of their own; all others are own or tethered. */
const CLASS_OF: Partial<Record<Reason, UsagePart['class']>> = { zero_rated: 'free' };

/** Of one item: own (or zero-rated) bytes, and tethered ones. */
const PARTS_MAX = 2;

/** The tables `unreported` and `reported`: the part of each session's use that is in no batch. Only inside of a transaction. */
export class UnreportedUsage {
	readonly #sessions: Database.Statement<[number], number>;
	readonly #session: Database.Statement<[number], SessionRow>;
	readonly #parts: Database.Statement<[number, number], PartRow>;
	readonly #classes: Database.Statement<[number], ClassUp>;
	readonly #tethered: Database.Statement<[number], { reason: Reason; package: number; amount: number }>;
	readonly #reported: Database.Statement<[number], ReportedRow>;
	readonly #report: Database.Statement<unknown[]>;
	readonly #forget: Database.Statement<[number]>;
	readonly #done: Database.Statement<[number]>;
	readonly #count: Database.Statement<[], number>;
	readonly #addOpen: Database.Statement<[]>;
	/** When nothing was unreported: what is now was charged after it. */
	#emptyAtMs = Number.NEGATIVE_INFINITY;

	constructor(database: Database.Database) {
		this.#sessions = database
			.prepare<[number], number>('SELECT session FROM unreported ORDER BY session LIMIT ?')
			.pluck();
		this.#session = database.prepare(`SELECT s.id, a.id AS account, s.closed_wall_ms AS closedWallMs
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
		this.#classes = database.prepare('SELECT class, up_bytes AS up FROM meter WHERE session = ?');
		this.#tethered = database.prepare('SELECT reason, package, amount FROM tethered_item WHERE session = ?');
		this.#reported = database.prepare(`SELECT reason, source, own_up, tethered, tethered_up
			FROM reported WHERE session = ? AND unit = 'byte'`);
		this.#report = database.prepare(`INSERT INTO reported VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
			amount = amount + excluded.amount, own_up = own_up + excluded.own_up, tethered = tethered + excluded.tethered,
			tethered_up = tethered_up + excluded.tethered_up, to_wall_ms = excluded.to_wall_ms`);
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
		while (!this.take(1000, at).isAll);
	}

	/** To be called when what was taken at this moment is on the disk. */
	noteTaken(at: Moment): void {
		if (this.count() === 0) this.#emptyAtMs = at.wallMs;
	}

	/** Takes parts out, oldest sessions first. @returns `isAll`: nothing is left */
	take(limit: number, at: Moment): { parts: UsagePart[]; isAll: boolean } {
		const parts: UsagePart[] = [];
		for (const session of this.#sessions.all(limit + 1)) {
			if (parts.length + PARTS_MAX > limit) return { parts, isAll: false };
			if (!this.#takeSession(session, { limit, at, parts })) return { parts, isAll: false };
		}
		return { parts, isAll: this.count() === 0 };
	}

	/** @returns whether nothing of the session is left */
	#takeSession(number: number, into: { limit: number; at: Moment; parts: UsagePart[] }): boolean {
		const { limit, at, parts } = into;
		const session = this.#session.get(number) as SessionRow;
		// An item may be two parts: own and tethered.
		const room = Math.floor((limit - parts.length) / PARTS_MAX);
		const rows = this.#parts.all(number, room + 1);
		const split = this.#splitter(number);
		for (const row of rows.slice(0, room)) {
			const { unit, reason, source, amount } = row;
			const span = this.#span(row.from_wall_ms, session.closedWallMs, at.wallMs);
			const classes = unit === 'byte' ? split(row) : [{ class: 'own' as const, amount, up: 0 }];
			const own = classes.find((one) => one.class !== 'tethered');
			const tethered = classes.find((one) => one.class === 'tethered');
			const reported = [own?.up ?? 0, tethered?.amount ?? 0, tethered?.up ?? 0];
			this.#report.run(number, unit, reason, source, amount, ...reported, at.wallMs);
			for (const part of classes) {
				const downBytes = unit === 'byte' ? part.amount - part.up : 0;
				parts.push({
					account: session.account,
					session: session.id,
					class: part.class,
					unit,
					amount: part.amount,
					reason,
					upBytes: part.up,
					downBytes,
					paid: !UNPAID.has(reason),
					...span,
					...(row.slice === null ? {} : { slice: row.slice }),
					...(row.tariff === null ? {} : { tariff: row.tariff }),
					...(row.plan_name === null || row.slice !== null ? {} : { plan: row.plan_name }),
				});
			}
		}
		if (rows.length > room) return false;
		this.#done.run(number);
		// A closed session uses nothing any more.
		if (session.closedWallMs !== null) this.#forget.run(number);
		return true;
	}

	/** Within which time a part was used: not before the last batch, and not after the end of its session. */
	#span(fromMs: WallMs, closedMs: WallMs | null, nowMs: WallMs): { fromWallMs: WallMs; toWallMs: WallMs } {
		const endMs = closedMs === null ? nowMs : Math.min(nowMs, closedMs);
		// What a session used last is charged with its end, or a moment later; and wall clocks jump.
		const beginMs = Math.min(endMs, Math.max(fromMs, this.#emptyAtMs));
		return { fromWallMs: beginMs as WallMs, toWallMs: endMs as WallMs };
	}

	/**
	 * Shares the bytes of each class, and those of them that went up, out over the items: the sums of each class are exact, whichever
	 * item had which.
	 */
	#splitter(session: number): (row: PartRow) => Bytes[] {
		const up = new Map<string, number>(this.#classes.all(session).map((meter) => [meter.class, meter.up]));
		const tethered = new Map<string, number>();
		const add = (to: Map<string, number>, key: string, by: number) => void to.set(key, (to.get(key) ?? 0) + by);
		for (const { reason, package: source, amount } of this.#tethered.all(session))
			add(tethered, keyOf(reason, source), amount);
		for (const row of this.#reported.all(session)) {
			add(up, CLASS_OF[row.reason] ?? 'own', -row.own_up);
			add(up, 'tethered', -row.tethered_up);
			add(tethered, keyOf(row.reason, row.source), -row.tethered);
		}
		const take = (from: Map<string, number>, key: string, most: number) => {
			const taken = Math.min(Math.max(0, from.get(key) ?? 0), most);
			add(from, key, -taken);
			return taken;
		};
		return ({ reason, source, amount }) => {
			const apart = take(tethered, keyOf(reason, source), amount);
			const own = CLASS_OF[reason] ?? 'own';
			return [
				{ class: own, amount: amount - apart, up: take(up, own, amount - apart) },
				{ class: 'tethered' as const, amount: apart, up: take(up, 'tethered', apart) },
			].filter((part) => part.amount > 0);
		};
	}
}

/** Which package was being spent stands with what it paid itself; else only the reason says to which item the bytes belong. */
function keyOf(reason: Reason, source: number): string {
	return reason === 'used' ? `used ${source}` : reason;
}
