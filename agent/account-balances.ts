import type { AccountId, BootMs } from './core/units.ts';
import type { Holding, LedgerOverview } from './ledger/overview.ts';
import { elapsedSeconds, type Pool, unsettledBytes } from './meter/pool.ts';
import type { Pools } from './meter/pools.ts';
import type { AccountBalance } from './status/snapshot.ts';
import { Sweep, type Swept } from './sweep.ts';

/** From so many on, reading all at once is quicker than one by one. */
const CHANGED_ONE_BY_ONE_MAX = 256;
/** Four times the stations that we are built for. Beyond it, those that no station spends from are left out. */
export const ACCOUNTS_MAX = 16_384;

type Line = Swept & { index: number; row: AccountBalance; holding: Holding; readonly pool: Pool | undefined };

/** What each account has left, now. Reads from the ledger only what its transfers have touched. */
export class AccountBalances {
	readonly #overview: LedgerOverview;
	readonly #pools: Pools;
	readonly #sweep = new Sweep<Line>();
	#holdings: Map<AccountId, Holding> | undefined;
	#sequence = 0;
	#blockChanges = 0;
	#poolChanges = -1;
	#lines: Line[] = [];
	#byAccount = new Map<AccountId, Line>();
	#rows: readonly AccountBalance[] = [];
	/** Those whose row was made anew by the last {@link read}. */
	changed: readonly AccountId[] = [];

	constructor(overview: LedgerOverview, pools: Pools) {
		this.#overview = overview;
		this.#pools = pools;
	}

	/**
	 * The rows of all accounts that hold something or spend. The same array if nothing has changed.
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
		const changed: Line[] = [];
		const lines = announced.map((account) => this.#byAccount.get(account)).filter((line) => line !== undefined);
		this.#sweep.look(this.#lines, lines, (line) => {
			const row = this.#row(line, now);
			line.isLively = row !== line.row || line.pool?.mode === 'time';
			if (row === line.row) return;
			line.row = row;
			changed.push(line);
		});
		if (isArranged) this.#rows = this.#lines.map(({ row }) => row);
		else if (changed.length > 0) this.#rows = replaced(this.#rows, changed);
		this.changed = changed.map(({ row }) => row.account);
		return this.#rows;
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
			const row = before.get(holding.account)?.row ?? { ...holding, blocked: false, stations: 0 };
			this.#byAccount.set(holding.account, { index: this.#byAccount.size, row, holding, pool, isLively: false });
		};
		for (const pool of this.#pools.all()) add(holdings.get(pool.account) ?? nothing(pool.account), pool);
		for (const holding of holdings.values()) {
			if (this.#byAccount.size >= ACCOUNTS_MAX) break;
			if (!this.#byAccount.has(holding.account)) add(holding, undefined);
		}
		this.#lines = [...this.#byAccount.values()];
		this.#poolChanges = this.#pools.changes;
		this.#sweep.restart();
	}

	#row({ row, holding, pool }: Line, now: BootMs): AccountBalance {
		const isTime = pool?.mode === 'time';
		const byte = Math.max(0, holding.byte - (pool && !isTime ? unsettledBytes(pool) : 0));
		const second = Math.max(0, holding.second - (isTime ? elapsedOf(pool, now) : 0));
		const blocked = this.#overview.isBlocked(holding.account);
		const stations = pool?.meters.size ?? 0;
		const isStill =
			row.byte === byte &&
			row.second === second &&
			row.blocked === blocked &&
			row.stations === stations &&
			row.byteBought === holding.byteBought &&
			row.secondBought === holding.secondBought &&
			(row.grants === holding.grants || (row.grants.length === 0 && holding.grants.length === 0));
		return isStill ? row : { ...holding, blocked, byte, second, stations };
	}
}

/** A copy in which these lines have their new rows: the others are not touched, for they are cold. */
function replaced(rows: readonly AccountBalance[], changed: readonly Line[]): readonly AccountBalance[] {
	const copy = rows.slice();
	for (const { index, row } of changed) copy[index] = row;
	return copy;
}

function elapsedOf(pool: Pool, now: BootMs): number {
	let seconds = 0;
	for (const meter of pool.meters.values()) seconds += elapsedSeconds(meter, now);
	return seconds;
}

function nothing(account: AccountId): Holding {
	return { account, byte: 0, second: 0, byteBought: 0, secondBought: 0, grants: [] };
}
