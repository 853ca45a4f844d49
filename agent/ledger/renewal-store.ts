import type Database from 'better-sqlite3';
import type { AccountId, WallMs } from '../core/units.ts';
import type { AccountRow, AccountStore } from './account-store.ts';
import type { Answer } from './answer.ts';
import type { Books } from './books.ts';
import type { GroupStore } from './group-store.ts';
import { type Moment, validityTime } from './moment.ts';
import { type PackageRow, termsOf } from './package-row.ts';
import type { PackageStore } from './package-store.ts';

type RenewalRow = {
	readonly id: string;
	readonly account: number;
	readonly package: number;
	readonly cycle: number;
	readonly active: 0 | 1;
};

/** A package that is issued anew each cycle. */
export type RenewalInfo = {
	/** Of the package of the first cycle. */
	readonly id: string;
	readonly cycle: number;
	readonly active: boolean;
	/** Absent until the first cycle has an end. */
	readonly nextWallMs?: WallMs;
};

export type RenewalStores = {
	readonly accounts: AccountStore;
	readonly packages: PackageStore;
	readonly groups: GroupStore;
	readonly books: Books;
};

/**
 * Cycles: when a package that renews has expired, its rest expires and the allotment is issued anew, by transfers like any
 * other. Cycles that were missed (the power was off) are not issued after the fact: nobody could have used them.
 */
export class Renewals {
	readonly #stores: RenewalStores;
	readonly #active: Database.Statement<[number], RenewalRow>;
	readonly #all: Database.Statement<[number], RenewalRow>;
	readonly #byId: Database.Statement<[string], RenewalRow>;
	readonly #accounts: Database.Statement<[], number>;
	readonly #add: Database.Statement<[string, number, number]>;
	readonly #next: Database.Statement<[number, number, string]>;
	readonly #end: Database.Statement<[string]>;

	constructor(database: Database.Database, stores: RenewalStores) {
		this.#stores = stores;
		this.#active = database.prepare('SELECT * FROM renewal WHERE account = ? AND active = 1');
		this.#all = database.prepare('SELECT * FROM renewal WHERE account = ?');
		this.#byId = database.prepare('SELECT * FROM renewal WHERE id = ?');
		this.#accounts = database
			.prepare<[], number>('SELECT DISTINCT account FROM renewal WHERE active = 1 ORDER BY account')
			.pluck();
		this.#add = database.prepare('INSERT INTO renewal (id, account, package) VALUES (?, ?, ?)');
		this.#next = database.prepare('UPDATE renewal SET package = ?, cycle = ? WHERE id = ?');
		this.#end = database.prepare('UPDATE renewal SET active = 0 WHERE id = ?');
	}

	/** Remembers that a package that was just bought renews. */
	begin(id: string, account: number, package_: number): void {
		this.#add.run(id, account, package_);
	}

	/** → changed, exists (ended before), not_found. The present cycle runs to its end. */
	end(id: string, account: AccountId): Answer {
		const found = this.#byId.get(id);
		if (found === undefined || this.#stores.accounts.idOf(found.account) !== account) return 'not_found';
		if (found.active === 0) return 'exists';
		this.#end.run(id);
		return 'changed';
	}

	list(account: number): RenewalInfo[] {
		return this.#all.all(account).map(({ id, package: balance, cycle, active }) => {
			const next = this.#stores.packages.byBalance(balance)?.expiresAtWallMs ?? null;
			return { id, cycle, active: active === 1, ...(next === null ? {} : { nextWallMs: next }) };
		});
	}

	/** Issues what is due for an account and for its groups. @returns whether the account itself got something */
	issueFor(account: AccountRow, at: Moment): boolean {
		const now = validityTime(at);
		if (now === null || (account.renews === 0 && account.is_member === 0)) return false;
		const { groups } = this.#stores;
		for (const group of new Set(groups.memberships(account.number).map(({ in_group }) => in_group))) {
			this.#issue(group, at, now);
			this.#expireEnded(group, at);
		}
		return this.#issue(account.number, at, now);
	}

	/** Every account, whether it has stations or not. @returns how many allotments were issued */
	issueAll(at: Moment): number {
		const now = validityTime(at);
		return now === null ? 0 : this.#accounts.all().filter((account) => this.#issue(account, at, now)).length;
	}

	/** A group has no stations whose charges would notice that something of it has expired. */
	#expireEnded(group: number, at: Moment): void {
		const { accounts, packages, books } = this.#stores;
		const row = accounts.byNumber(group);
		const ended = packages.live(group, at, row.grace).packages.filter((each) => each.hasEnded && each.reserved === 0);
		if (ended.length === 0) return;
		const chain = { account: group, last: row.last_transfer };
		for (const { unit, balance, remaining } of ended) {
			const credit = books.house('expired', unit);
			const expired = { kind: 'transfer', reason: 'expired', unit, debit: balance, credit } as const;
			books.append(chain, { ...expired, amount: remaining, at });
		}
		accounts.store(chain, row.last_package);
	}

	#issue(account: number, at: Moment, now: number): boolean {
		const due = this.#active.all(account).filter((renewal) => {
			const { expiresAtWallMs } = this.#stores.packages.byBalance(renewal.package) as PackageRow;
			return expiresAtWallMs !== null && expiresAtWallMs <= now;
		});
		for (const renewal of due) this.#issueOne(renewal, at, now);
		return due.length > 0;
	}

	#issueOne(renewal: RenewalRow, at: Moment, now: number): void {
		const { accounts, packages, groups, books } = this.#stores;
		const old = packages.byBalance(renewal.package) as PackageRow;
		const row = accounts.byNumber(renewal.account);
		const chain = { account: row.number, last: row.last_transfer };
		const cycleMs = (old.renew_every_seconds as number) * 1000;
		const missed = Math.floor((now - (old.expiresAtWallMs as number)) / cycleMs);
		const cycle = renewal.cycle + missed + 1;
		const id = `${renewal.id}~${cycle}`;
		// What is reserved by a running grant is charged, and expires, in the account's next settle.
		const rest = old.remaining - old.reserved;
		if (rest > 0 && old.reserved === 0) {
			const credit = books.house('expired', old.unit);
			const expired = { kind: 'transfer', reason: 'expired', unit: old.unit, debit: old.balance, credit } as const;
			books.append(chain, { ...expired, amount: rest, at });
		}
		const balance = packages.add({
			id,
			account: row.number,
			kind: 'renewed',
			source: old.balance,
			terms: termsOf(old),
			tariff: old.tariff,
			expiresAtWallMs: (old.expiresAtWallMs as number) + (missed + 1) * cycleMs,
			datedAtMs: old.dated_at_ms,
			at,
		});
		const debit = books.house('issued', old.unit);
		const issued = { kind: 'transfer', reason: 'renewed', unit: old.unit, debit, credit: balance } as const;
		books.append(chain, { ...issued, id, amount: old.amount, at });
		accounts.store(chain, row.last_package);
		accounts.setGrace(row.number, null);
		groups.reset(row.number);
		this.#next.run(balance, cycle, renewal.id);
	}
}
