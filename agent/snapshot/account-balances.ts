import type { AccountId, BootMs } from '../core/units.ts';
import type { Holding, LedgerOverview } from '../ledger/overview.ts';
import { elapsedSeconds, type Pool, unsettledBytes } from '../meter/pool.ts';
import type { Pools } from '../meter/pools.ts';
import { RowJournal } from '../status/row-journal.ts';
import type { AccountBalance, TableChanges } from '../status/snapshot.ts';
import { IncrementalScan, type Scanned } from './incremental-scan.ts';

/** From so many on, reading all at once is quicker than one by one. */
const CHANGED_ONE_BY_ONE_MAX = 256;
/** Four times the stations that we are built for. Beyond it, those that no station spends from are left out. */
export const ACCOUNTS_MAX = 16_384;

type Line = Scanned & {
	readonly index: number;
	row: AccountBalance;
	holding: Holding;
	readonly pool: Pool | undefined;
	/** Whether the journal has had its row. */
	isKnown: boolean;
};

/** What each account has left, now. Reads from the ledger only what its transfers have touched. */
export class AccountBalances {
	readonly #overview: LedgerOverview;
	readonly #pools: Pools;
	readonly #sweep = new IncrementalScan<Line>();
	readonly #journal = new RowJournal<'account', AccountBalance>('account');
	#holdings: Map<AccountId, Holding> | undefined;
	#sequence = 0;
	#blockChanges = 0;
	#poolChanges = -1;
	#lines: Line[] = [];
	#byAccount = new Map<AccountId, Line>();
	#rows: AccountBalance[] = [];
	/** Those whose row was changed by the last {@link read}. */
	changed: readonly AccountId[] = [];

	constructor(overview: LedgerOverview, pools: Pools) {
		this.#overview = overview;
		this.#pools = pools;
	}

	/**
	 * The rows of all accounts that hold something or spend. They are changed in place; the same array if they are the same accounts.
	 *
	 * @param moved accounts whose stations have moved bytes since
	 */
	read(now: BootMs, moved: Iterable<AccountId>): readonly AccountBalance[] {
		const announced = this.#refresh();
		for (const account of moved) announced.push(account);
		const isArranged = this.#poolChanges !== this.#pools.changes;
		if (isArranged) this.#arrange();
		if (this.#blockChanges !== this.#overview.blockChanges) this.#sweep.restart();
		this.#blockChanges = this.#overview.blockChanges;
		const changed: AccountId[] = [];
		const lines = announced.map((account) => this.#byAccount.get(account)).filter((line) => line !== undefined);
		this.#sweep.look(this.#lines, lines, (line) => {
			const isChanged = this.#bring(line, now);
			line.isLively = isChanged || line.pool?.mode === 'time';
			if (isChanged) changed.push(line.row.account);
		});
		if (isArranged) this.#rows = this.#lines.map(({ row }) => row);
		this.changed = changed;
		return this.#rows;
	}

	/** Since they were taken last. */
	takeChanges(): Pick<TableChanges, 'accounts'> {
		const accounts = this.#journal.take();
		return accounts ? { accounts } : {};
	}

	/** As of the last {@link read}. */
	of(account: AccountId): AccountBalance | undefined {
		return this.#byAccount.get(account)?.row;
	}

	forget(): void {
		this.#holdings = undefined;
		this.#poolChanges = -1;
		this.#lines = [];
		this.#byAccount = new Map();
		this.#rows = [];
		this.#journal.take();
	}

	/** The accounts that something was written of. */
	#refresh(): AccountId[] {
		const overview = this.#overview;
		const newest = overview.newest();
		if (this.#holdings && newest === this.#sequence) return [];
		const changed = this.#holdings ? overview.changedSince(this.#sequence) : [];
		this.#sequence = newest;
		if (!this.#holdings || changed.length > CHANGED_ONE_BY_ONE_MAX) {
			this.#holdings = overview.holdings();
			this.#poolChanges = -1;
			return [];
		}
		for (const account of changed) this.#hold(this.#holdings, overview.holding(account));
		return changed;
	}

	#hold(holdings: Map<AccountId, Holding>, holding: Holding): void {
		const { account } = holding;
		const line = this.#byAccount.get(account);
		const isListed = holding.byte > 0 || holding.second > 0;
		if (isListed) holdings.set(account, holding);
		else holdings.delete(account);
		if (line && (isListed || line.pool)) line.holding = holding;
		else this.#poolChanges = -1;
	}

	/** Who is listed: those with stations first. */
	#arrange(): void {
		const holdings = this.#holdings ?? new Map<AccountId, Holding>();
		const before = this.#byAccount;
		this.#byAccount = new Map();
		const add = (holding: Holding, pool: Pool | undefined) => {
			const known = before.get(holding.account);
			const row = known?.row ?? { ...holding, blocked: false, stations: 0 };
			const line = { index: this.#byAccount.size, row, holding, pool, isLively: false };
			this.#byAccount.set(holding.account, { ...line, isKnown: known?.isKnown ?? false });
		};
		for (const pool of this.#pools.all()) add(holdings.get(pool.account) ?? nothing(pool.account), pool);
		for (const holding of holdings.values()) {
			if (this.#byAccount.size >= ACCOUNTS_MAX) break;
			if (!this.#byAccount.has(holding.account)) add(holding, undefined);
		}
		for (const account of before.keys()) if (!this.#byAccount.has(account)) this.#journal.gone(account);
		this.#lines = [...this.#byAccount.values()];
		this.#poolChanges = this.#pools.changes;
		this.#sweep.restart();
	}

	/** Brings a line's row up to date. False: it was. */
	#bring(line: Line, now: BootMs): boolean {
		const { row, holding, pool } = line;
		const isTime = pool?.mode === 'time';
		const byte = Math.max(0, holding.byte - (pool && !isTime ? unsettledBytes(pool) : 0));
		const second = Math.max(0, holding.second - (isTime ? elapsedOf(pool, now) : 0));
		const blocked = this.#overview.isBlocked(holding.account);
		const stations = pool?.meters.size ?? 0;
		const isSame =
			line.isKnown &&
			row.blocked === blocked &&
			row.stations === stations &&
			row.byteBought === holding.byteBought &&
			row.secondBought === holding.secondBought &&
			(row.grants === holding.grants || (row.grants.length === 0 && holding.grants.length === 0));
		if (isSame && row.byte === byte && row.second === second) return false;
		// What its stations have left is told with what they moved, and needs no row.
		if (isSame && stations > 0 && (isTime ? row.byte === byte : row.second === second)) {
			row.byte = byte;
			row.second = second;
			return true;
		}
		const after = { ...holding, blocked, byte, second, stations };
		this.#journal.note(line.isKnown ? row : undefined, after);
		line.isKnown = true;
		line.row = after;
		if (this.#rows[line.index]?.account === after.account) this.#rows[line.index] = after;
		return true;
	}
}

function elapsedOf(pool: Pool, now: BootMs): number {
	let seconds = 0;
	for (const meter of pool.meters.values()) seconds += elapsedSeconds(meter, now);
	return seconds;
}

function nothing(account: AccountId): Holding {
	return { account, byte: 0, second: 0, byteBought: 0, secondBought: 0, grants: [] };
}
