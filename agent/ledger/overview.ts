import type Database from 'better-sqlite3';
import type { AccountId, Unit, WallMs } from '../core/units.ts';
import { REASONS, type Reason } from './reason.ts';

/** What an account holds, and its open grants. */
export type Holding = {
	readonly account: AccountId;
	/** Granted or not. */
	readonly byte: number;
	readonly second: number;
	/** What the packages that still hold something held when they were bought. */
	readonly byteBought: number;
	readonly secondBought: number;
	readonly grants: readonly OpenGrant[];
};

export type OpenGrant = {
	readonly id: string;
	readonly unit: Unit;
	readonly amount: number;
	readonly plan: string;
	readonly sinceMs: WallMs;
};

/** A transfer of any account, as a display shows it. */
export type OverviewTransfer = {
	readonly sequence: number;
	readonly id: string;
	readonly account: AccountId;
	readonly reason: Reason;
	readonly text: string;
	readonly unit: Unit;
	readonly amount: number;
	readonly plan?: string;
	readonly atMs: WallMs;
};

export type PlanSales = { readonly plan: string; readonly unit: Unit; readonly count: number; readonly amount: number };

/** Since the ledger was begun, for each unit. */
export type UnitTotals = {
	/** Of money: what was put into wallets. */
	readonly sold: number;
	/** Used and paid. Of money: what wallets have paid, for use and for plans. */
	readonly spent: number;
	/** Used without payment: throttled, included in a time package, overrun. */
	readonly unpaid: number;
	readonly expired: number;
	/** In open grants now. */
	readonly granted: number;
};

type LiveRow = {
	id: AccountId;
	unit: Unit;
	remaining: number;
	bought: number;
	grant: string | null;
	granted: number;
	plan: string;
	since: WallMs | null;
};

/** Reads the whole ledger at a glance, for displays and metrics: what changed is found by the numbers of the transfers. */
export class LedgerOverview {
	readonly #newest: Database.Statement<[], number | null>;
	readonly #changed: Database.Statement<[number], AccountId>;
	readonly #live: Database.Statement<[], LiveRow>;
	readonly #liveOf: Database.Statement<[string], LiveRow>;
	readonly #transfers: Database.Statement<
		[number, number],
		OverviewTransfer & { plan: string | null; account: AccountId }
	>;
	readonly #bought: Database.Statement<[number], number>;
	readonly #sales: Database.Statement<[number], PlanSales>;
	readonly #houses: Database.Statement<
		[],
		{ unit: Unit; house: string; debits: number; credits: number; pending: number }
	>;
	readonly #blockedIds: Database.Statement<[], AccountId>;
	#blocked: Set<AccountId> | undefined;
	/** How often an account was blocked or unblocked. */
	blockChanges = 0;

	constructor(database: Database.Database) {
		this.#newest = database.prepare<[], number | null>('SELECT max(sequence) FROM transfer').pluck();
		this.#changed = database
			.prepare<[number], AccountId>(
				'SELECT a.id FROM account AS a WHERE a.number IN (SELECT account FROM transfer WHERE sequence > ?)',
			)
			.pluck();
		const live = `SELECT a.id, b.unit, b.credits_posted - b.debits_posted AS remaining, p.amount AS bought,
			t.id AS "grant",
			b.debits_pending AS granted, p.plan_name AS plan, t.wall_ms AS since
			FROM balance AS b JOIN account AS a ON a.number = b.account JOIN package AS p ON p.balance = b.number
			LEFT JOIN transfer AS t ON t.sequence = b.open_grant WHERE b.live = 1`;
		this.#live = database.prepare(`${live} AND b.account IS NOT NULL ORDER BY b.account`);
		this.#liveOf = database.prepare(`${live} AND b.account = (SELECT number FROM account WHERE id = ?)`);
		this.#transfers = database.prepare(`
			SELECT t.sequence, t.id, a.id AS account, t.reason, t.unit, t.amount, p.plan_name AS plan, t.wall_ms AS atMs
			FROM transfer AS t JOIN account AS a ON a.number = t.account
			LEFT JOIN package AS p ON p.balance = iif(t.reason IN ('topup', 'renewed', 'received', 'grace', 'drawn', 'regained'), t.credit, t.debit)
			WHERE t.sequence > ? AND t.reason NOT IN ('grant', 'released', 'lent', 'drawn', 'returned', 'regained') ORDER BY t.sequence DESC LIMIT ?`);
		this.#bought = database
			.prepare<[number], number>("SELECT EXISTS (SELECT 1 FROM transfer WHERE sequence > ? AND reason = 'topup')")
			.pluck();
		this.#sales = database.prepare(`
			SELECT p.plan_name AS plan, b.unit, count(*) AS count, sum(p.amount) AS amount
			FROM package AS p JOIN balance AS b ON b.number = p.balance WHERE p.bought_wall_ms >= ? AND p.kind = 'bought'
				AND NOT EXISTS (SELECT 1 FROM slice AS s WHERE s.balance = p.balance)
			GROUP BY p.plan_name, b.unit ORDER BY count(*) DESC, p.plan_name`);
		this.#houses = database.prepare(`
			SELECT unit, house, debits_posted AS debits, credits_posted AS credits, credits_pending AS pending
			FROM balance WHERE house IS NOT NULL ORDER BY unit, house`);
		this.#blockedIds = database.prepare<[], AccountId>('SELECT id FROM account WHERE blocked = 1').pluck();
	}

	/** The number of the newest transfer: while it is the same, no balance has changed. */
	newest(): number {
		return this.#newest.get() ?? 0;
	}

	/** The accounts of all transfers after that one. */
	changedSince(sequence: number): AccountId[] {
		return this.#changed.all(sequence);
	}

	/** Every account that holds something. */
	holdings(): Map<AccountId, Holding> {
		const rows = new Map<AccountId, LiveRow[]>();
		for (const row of this.#live.all()) {
			const known = rows.get(row.id);
			if (known) known.push(row);
			else rows.set(row.id, [row]);
		}
		return new Map([...rows].map(([account, of]) => [account, holdingOf(account, of)]));
	}

	holding(account: AccountId): Holding {
		return holdingOf(account, this.#liveOf.all(account));
	}

	/** Newest first; reservations, their release, and what groups lend for a while are left out. */
	transfersSince(sequence: number, limit: number): OverviewTransfer[] {
		return this.#transfers.all(sequence, limit).map(({ plan, ...row }) => ({
			...row,
			text: REASONS[row.reason],
			...(plan === null ? {} : { plan }),
		}));
	}

	/** Was anything bought in the transfers after that one? */
	hasPurchaseSince(sequence: number): boolean {
		return this.#bought.get(sequence) === 1;
	}

	/** What was bought from that moment on, most bought first. */
	salesSince(wallMs: number): PlanSales[] {
		return this.#sales.all(wallMs);
	}

	totals(): Record<Unit, UnitTotals> {
		const nothing: UnitTotals = { sold: 0, spent: 0, unpaid: 0, expired: 0, granted: 0 };
		const totals: Record<Unit, UnitTotals> = { byte: nothing, second: nothing, micro: nothing };
		for (const { unit, house, debits, credits, pending } of this.#houses.all()) {
			const of = totals[unit];
			if (house === 'issued') totals[unit] = { ...of, sold: debits };
			else if (house === 'served') totals[unit] = { ...of, spent: of.spent + credits, granted: pending };
			else if (house === 'sold') totals[unit] = { ...of, spent: of.spent + credits };
			else if (house === 'unpaid') totals[unit] = { ...of, unpaid: debits - credits };
			else if (house === 'expired') totals[unit] = { ...of, expired: credits };
		}
		// What was used without payment passes through the same balance.
		for (const unit of ['byte', 'second', 'micro'] as const) {
			totals[unit] = { ...totals[unit], spent: totals[unit].spent - totals[unit].unpaid };
		}
		return totals;
	}

	isBlocked(account: AccountId): boolean {
		this.#blocked ??= new Set(this.#blockedIds.all());
		return this.#blocked.has(account);
	}

	/** The ledger has written it: it is no transfer, so nothing else would tell. */
	noteBlocked(account: AccountId, blocked: boolean): void {
		this.blockChanges += 1;
		if (blocked) this.#blocked?.add(account);
		else this.#blocked?.delete(account);
	}
}

function holdingOf(account: AccountId, rows: readonly LiveRow[]): Holding {
	let byte = 0;
	let second = 0;
	let byteBought = 0;
	let secondBought = 0;
	const grants: OpenGrant[] = [];
	for (const { unit, remaining, bought, grant, granted, plan, since } of rows) {
		if (unit === 'byte') {
			byte += remaining;
			byteBought += bought;
		} else if (unit === 'second') {
			second += remaining;
			secondBought += bought;
		}
		if (grant !== null && since !== null) grants.push({ id: grant, unit, amount: granted, plan, sinceMs: since });
	}
	return { account, byte, second, byteBought, secondBought, grants };
}
