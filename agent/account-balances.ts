import type { AccountId, BootMs } from './core/units.ts';
import type { Holding, LedgerOverview } from './ledger/overview.ts';
import { elapsedSeconds, type Pool, unsettledBytes } from './meter/pool.ts';
import type { Pools } from './meter/pools.ts';
import type { AccountBalance } from './status/snapshot.ts';

/** From so many on, reading all at once is quicker than one by one. */
const CHANGED_ONE_BY_ONE_MAX = 256;
/** Four times the stations that we are built for. Beyond it, those that no station spends from are left out. */
export const ACCOUNTS_MAX = 16_384;

type Line = { row: AccountBalance; readonly holding: Holding; readonly pool: Pool | undefined };

/**
 * What each account has left, now. Reads from the ledger only what its transfers have touched; while neither the ledger nor
 * the set of pools changes, a look is one pass over an array.
 */
export class AccountBalances {
	readonly #overview: LedgerOverview;
	readonly #pools: Pools;
	#holdings: Map<AccountId, Holding> | undefined;
	#sequence = 0;
	#poolChanges = -1;
	#lines: Line[] = [];
	#byAccount = new Map<AccountId, Line>();
	#rows: readonly AccountBalance[] = [];

	constructor(overview: LedgerOverview, pools: Pools) {
		this.#overview = overview;
		this.#pools = pools;
	}

	/** The rows of all accounts that hold something or spend. The same array if nothing has changed. */
	read(now: BootMs): readonly AccountBalance[] {
		const isSame = this.#refresh() && this.#poolChanges === this.#pools.changes;
		if (!isSame) this.#arrange();
		let changed = !isSame;
		for (const line of this.#lines) {
			const row = this.#row(line, now);
			if (row === line.row) continue;
			line.row = row;
			changed = true;
		}
		if (changed) this.#rows = this.#lines.map(({ row }) => row);
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

	/** False: something was written. */
	#refresh(): boolean {
		const overview = this.#overview;
		const newest = overview.newest();
		if (this.#holdings && newest === this.#sequence) return true;
		const changed = this.#holdings ? overview.changedSince(this.#sequence) : [];
		this.#sequence = newest;
		if (!this.#holdings || changed.length > CHANGED_ONE_BY_ONE_MAX) {
			this.#holdings = overview.holdings();
			return false;
		}
		for (const account of changed) {
			const holding = overview.holding(account);
			if (holding.byte > 0 || holding.second > 0) this.#holdings.set(account, holding);
			else this.#holdings.delete(account);
		}
		return false;
	}

	/** Who is listed: those with stations first. */
	#arrange(): void {
		const holdings = this.#holdings ?? new Map<AccountId, Holding>();
		const before = this.#byAccount;
		this.#byAccount = new Map();
		const add = (holding: Holding, pool: Pool | undefined) => {
			const row = before.get(holding.account)?.row ?? { ...holding, blocked: false, stations: 0 };
			this.#byAccount.set(holding.account, { row, holding, pool });
		};
		for (const pool of this.#pools.all()) add(holdings.get(pool.account) ?? nothing(pool.account), pool);
		for (const holding of holdings.values()) {
			if (this.#byAccount.size >= ACCOUNTS_MAX) break;
			if (!this.#byAccount.has(holding.account)) add(holding, undefined);
		}
		this.#lines = [...this.#byAccount.values()];
		this.#poolChanges = this.#pools.changes;
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

function elapsedOf(pool: Pool, now: BootMs): number {
	let seconds = 0;
	for (const meter of pool.meters.values()) seconds += elapsedSeconds(meter, now);
	return seconds;
}

function nothing(account: AccountId): Holding {
	return { account, byte: 0, second: 0, byteBought: 0, secondBought: 0, grants: [] };
}
