import type { AccountId } from './core/units.ts';
import type { Holding, LedgerOverview } from './ledger/overview.ts';
import { elapsedSeconds, type Pool, unsettledBytes } from './meter/pool.ts';
import type { Pools } from './meter/pools.ts';
import type { AccountBalance } from './status/snapshot.ts';

/** From so many on, reading all at once is quicker than one by one. */
const CHANGED_ONE_BY_ONE_MAX = 256;
/** Four times the stations that we are built for. Beyond it, those that no station spends from are left out. */
export const ACCOUNTS_MAX = 16_384;

type Line = { row: AccountBalance; holding: Holding };

/** What each account has left, now. Reads from the ledger only what its transfers have touched. */
export class AccountBalances {
	readonly #overview: LedgerOverview;
	readonly #pools: Pools;
	#holdings: Map<AccountId, Holding> | undefined;
	#sequence = 0;
	#lines = new Map<AccountId, Line>();
	#rows: readonly AccountBalance[] = [];

	constructor(overview: LedgerOverview, pools: Pools) {
		this.#overview = overview;
		this.#pools = pools;
	}

	/** The rows of all accounts that hold something or spend. The same array if nothing has changed. */
	read(nowMs: number): readonly AccountBalance[] {
		const holdings = this.#refresh();
		const lines = new Map<AccountId, Line>();
		const rows: AccountBalance[] = [];
		let same = true;
		const add = (account: AccountId, holding: Holding, pool: Pool | undefined) => {
			const before = this.#lines.get(account);
			const row = this.#row(before, holding, pool, nowMs);
			const line = before?.row === row ? before : { row, holding };
			same &&= line === before;
			lines.set(account, line);
			rows.push(row);
		};
		for (const pool of this.#pools.all()) add(pool.account, holdings.get(pool.account) ?? empty(pool.account), pool);
		for (const [account, holding] of holdings) {
			if (lines.size >= ACCOUNTS_MAX) break;
			if (!lines.has(account)) add(account, holding, undefined);
		}
		if (same && lines.size === this.#lines.size) return this.#rows;
		this.#lines = lines;
		this.#rows = rows;
		return rows;
	}

	/** As of the last {@link read}. */
	of(account: AccountId): AccountBalance | undefined {
		return this.#lines.get(account)?.row;
	}

	forget(): void {
		this.#holdings = undefined;
		this.#lines = new Map();
		this.#rows = [];
	}

	#refresh(): Map<AccountId, Holding> {
		const overview = this.#overview;
		const newest = overview.newest();
		if (this.#holdings && newest === this.#sequence) return this.#holdings;
		const changed = this.#holdings ? overview.changedSince(this.#sequence) : [];
		this.#sequence = newest;
		if (!this.#holdings || changed.length > CHANGED_ONE_BY_ONE_MAX) {
			this.#holdings = overview.holdings();
			return this.#holdings;
		}
		for (const account of changed) {
			const holding = overview.holding(account);
			if (holding.byte > 0 || holding.second > 0) this.#holdings.set(account, holding);
			else this.#holdings.delete(account);
		}
		return this.#holdings;
	}

	#row(before: Line | undefined, holding: Holding, pool: Pool | undefined, nowMs: number): AccountBalance {
		const used = pool ? usedSince(pool, nowMs) : NOTHING;
		const byte = Math.max(0, holding.byte - used.byte);
		const second = Math.max(0, holding.second - used.second);
		const blocked = this.#overview.isBlocked(holding.account);
		const stations = pool?.meters.size ?? 0;
		const row = before?.row;
		if (
			row &&
			(before.holding === holding || (row.grants.length === 0 && holding.grants.length === 0)) &&
			row.byte === byte &&
			row.second === second &&
			row.blocked === blocked &&
			row.stations === stations
		) {
			return row;
		}
		return { ...holding, blocked, byte, second, stations };
	}
}

const NOTHING = { byte: 0, second: 0 };

/** What the kernel has counted and the ledger does not know yet. */
function usedSince(pool: Pool, nowMs: number): { byte: number; second: number } {
	if (pool.mode !== 'time') return { byte: unsettledBytes(pool), second: 0 };
	let second = 0;
	for (const meter of pool.meters.values()) second += elapsedSeconds(meter, nowMs as Pool['armedAtMs']);
	return { byte: 0, second };
}

function empty(account: AccountId): Holding {
	return { account, byte: 0, second: 0, byteBought: 0, secondBought: 0, grants: [] };
}
