import type Database from 'better-sqlite3';
import type { BootMs, Unit, WallMs } from '../core/units.ts';
import type { AccountRow } from './account-store.ts';
import type { HistoryEntry, HistoryOptions } from './history.ts';
import { REASONS } from './reason.ts';
import { checkAmount } from './request-check.ts';

const LIMIT_DEFAULT = 100;
/** What a terminal or a page can still show. */
const LIMIT_MAX = 10_000;

type TransferRow = {
	readonly sequence: number;
	readonly id: string;
	readonly kind: HistoryEntry['kind'];
	readonly reason: HistoryEntry['reason'];
	readonly unit: HistoryEntry['unit'];
	readonly amount: number;
	readonly tethered: number;
	readonly previous: number | null;
	readonly package: string | null;
	readonly plan_name: string | null;
	readonly grant: string | null;
	readonly session: string | null;
	readonly wall_ms: WallMs;
};

/** Reads an account's transfers by following their chain: no index is needed, so no commit has to write one. */
export class HistoryReader {
	readonly #transfer: Database.Statement<[number], TransferRow>;
	readonly #link: Database.Statement<[number], LinkRow>;

	constructor(database: Database.Database) {
		this.#transfer = database.prepare(`
			SELECT t.sequence, t.id, t.kind, t.reason, t.unit, t.amount, t.tethered, t.previous, p.id AS package, p.plan_name,
				g.id AS "grant", s.id AS session, t.wall_ms
			FROM transfer AS t LEFT JOIN package AS p ON p.balance = iif(t.reason IN ('topup', 'renewed', 'received', 'grace', 'drawn', 'regained', 'gift_claimed', 'gift_returned'), t.credit, t.debit)
				LEFT JOIN transfer AS g ON g.sequence = t.pending LEFT JOIN session AS s ON s.number = t.session
			WHERE t.sequence = ?`);
		this.#link = database.prepare('SELECT previous, unit, epoch, boot_ms FROM transfer WHERE sequence = ?');
	}

	/** Newest first. */
	read(account: AccountRow, options: HistoryOptions = {}): HistoryEntry[] {
		const limit = options.limit ?? LIMIT_DEFAULT;
		checkAmount('limit', limit, 1, LIMIT_MAX);
		const entries: HistoryEntry[] = [];
		for (let next = account.last_transfer; next !== null && entries.length < limit; ) {
			const row = this.#transfer.get(next);
			if (row === undefined) break;
			if (options.reservations === true || movesForGood(row)) entries.push(entryOf(row));
			next = row.previous;
		}
		return entries;
	}

	/** When a settle last moved, reserved or released something of a unit in an epoch. */
	lastSettled(account: AccountRow, unit: Unit, epoch: number): BootMs | null {
		for (let next = account.last_transfer; next !== null; ) {
			const row = this.#link.get(next);
			if (row === undefined) return null;
			// What a wallet pays is charged in money.
			if ((row.unit === unit || row.unit === 'micro') && row.epoch === epoch) return row.boot_ms;
			next = row.previous;
		}
		return null;
	}
}

/** What a walk along an account's chain has to see. */
type LinkRow = Pick<TransferRow, 'previous' | 'unit'> & {
	readonly epoch: number | null;
	readonly boot_ms: BootMs;
};

/** A grant, and its ordinary release, change nothing that a customer would look for. A lost one is always shown. */
function movesForGood({ reason }: TransferRow): boolean {
	return reason !== 'grant' && reason !== 'released';
}

function entryOf(row: TransferRow): HistoryEntry {
	return {
		sequence: row.sequence,
		id: row.id,
		kind: row.kind,
		reason: row.reason,
		text: REASONS[row.reason],
		unit: row.unit,
		amount: row.amount,
		...(row.tethered === 0 ? {} : { tetheredBytes: row.tethered }),
		...(row.package === null ? {} : { package: row.package }),
		...(row.plan_name === null ? {} : { planName: row.plan_name }),
		...(row.grant === null ? {} : { grant: row.grant }),
		...(row.session === null ? {} : { session: row.session }),
		wallMs: row.wall_ms,
	};
}
