import type Database from 'better-sqlite3';
import type { AccountId } from '../core/units.ts';
import type { AccountRow, AccountStore } from './account-store.ts';
import type { Books } from './books.ts';
import type { Slice, TimedSlice } from './carrier.ts';
import type { CarrierEvents } from './carrier-events.ts';
import type { Moment } from './moment.ts';
import type { LivePackage } from './package-row.ts';
import type { PackageStore } from './package-store.ts';
import { leftMs } from './validity.ts';

export type SliceStores = {
	readonly accounts: AccountStore;
	readonly packages: PackageStore;
	readonly books: Books;
	readonly events: CarrierEvents;
};

/** Why a slice goes back. */
export type ReturnReason = 'revoked' | 'expired' | 'detached';

/** The table `slice`: packages of accounts that live at the platform. Only inside of a transaction of its caller. */
export class SliceStore {
	readonly #stores: SliceStores;
	readonly #has: Database.Statement<[number], number>;
	readonly #add: Database.Statement<[number, number]>;
	readonly #live: Database.Statement<[string | null, string | null], Slice & { balance: number }>;
	readonly #ofAccount: Database.Statement<[string], number>;

	constructor(database: Database.Database, stores: SliceStores) {
		this.#stores = stores;
		this.#has = database.prepare<[number], number>('SELECT 1 FROM slice WHERE balance = ?').pluck();
		this.#add = database.prepare('INSERT OR IGNORE INTO slice VALUES (?, ?)');
		this.#live = database.prepare(`
			SELECT p.id, a.id AS account, b.credits_posted - b.debits_posted AS remaining, b.number AS balance
			FROM slice AS s JOIN balance AS b ON b.number = s.balance JOIN package AS p ON p.balance = s.balance
				JOIN account AS a ON a.number = s.account
			WHERE b.live = 1 AND (? IS NULL OR a.id = ?) ORDER BY s.balance`);
		this.#ofAccount = database
			.prepare<[string], number>(
				'SELECT 1 FROM slice WHERE account = (SELECT number FROM account WHERE id = ?) LIMIT 1',
			)
			.pluck();
	}

	has(balance: number): boolean {
		return this.#has.get(balance) !== undefined;
	}

	add(balance: number, account: number): void {
		this.#add.run(balance, account);
	}

	list(account: AccountId | null): (Slice & { balance: number })[] {
		return this.#live.all(account, account);
	}

	isKnown(account: AccountId): boolean {
		return this.#ofAccount.get(account) !== undefined;
	}

	/** Those that are not used up, with their time. */
	timed(account: AccountId | null, at: Moment): TimedSlice[] {
		return this.list(account).map(({ id, account: owner, remaining, balance }) => {
			const row = this.#stores.packages.byBalance(balance) as LivePackage;
			const left = leftMs(row, at) ?? Number.POSITIVE_INFINITY;
			return { id, account: owner, remaining, validMs: (row.valid_for_seconds ?? 0) * 1000, leftMs: left };
		});
	}

	/** What is left goes back by a transfer. The caller reports it, in the same transaction. @returns the amount */
	giveBack(id: string, reason: ReturnReason, at: Moment): number | undefined {
		const { accounts, packages, books } = this.#stores;
		const row = packages.byId(id);
		if (row === undefined || !this.has(row.balance) || row.remaining === 0 || row.reserved > 0) return undefined;
		const account = accounts.find(row.account) as AccountRow;
		const chain = { account: account.number, last: account.last_transfer };
		books.append(chain, {
			kind: 'transfer',
			reason: 'slice_returned',
			unit: row.unit,
			amount: row.remaining,
			at,
			debit: row.balance,
			credit: books.house('issued', row.unit),
		});
		accounts.store(chain, account.last_package);
		this.report(row, { account: row.account, returned: row.remaining, reason }, at);
		return row.remaining;
	}

	/** Tells the platform what came back. */
	report(
		{ id }: Pick<LivePackage, 'id'>,
		{ account, returned, reason }: { account: AccountId; returned: number; reason: ReturnReason },
		at: Moment,
	): void {
		const details = { slice: id, returned, reason };
		this.#stores.events.add({ kind: 'slice.return', account, details }, at);
	}
}
