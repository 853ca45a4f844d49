import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, Unit, WallMs } from '../core/units.ts';
import { type Account, type AtEnd, type CreateAccountRequest, type End, noAmounts } from './account.ts';
import type { Answer } from './answer.ts';
import type { Chain } from './books.ts';
import { checkEnd, parseAccountId } from './request-check.ts';

/** An account as the other stores need it. */
export type AccountRow = {
	readonly number: number;
	readonly blocked: 0 | 1;
	readonly last_package: number | null;
	readonly last_transfer: number | null;
	/** By which its wallet is spent. */
	readonly tariff: number | null;
	/** The grace allowance that was given since the last purchase. */
	readonly grace: number | null;
	/** Bytes or seconds that the kernel may spend for money. */
	readonly wallet_open: number;
	/** The tariff by which these were granted, and are charged. */
	readonly wallet_open_tariff: number | null;
	/** What its stations had of seconds that are not charged yet, in milliseconds. */
	readonly begun_ms: number;
	/** Whether there is something to look up: every settle reads these rather than three tables. */
	readonly is_member: 0 | 1;
	readonly renews: 0 | 1;
	readonly has_alerts: 0 | 1;
};

const COLUMNS = `number, blocked, last_package, last_transfer, tariff, grace, wallet_open, wallet_open_tariff, begun_ms,
	EXISTS (SELECT 1 FROM member AS m WHERE m.account = account.number) AS is_member,
	EXISTS (SELECT 1 FROM renewal AS r WHERE r.account = account.number AND r.active = 1) AS renews,
	EXISTS (SELECT 1 FROM alert AS l WHERE l.account = account.number) AS has_alerts`;

type StoredAccount = AccountRow & {
	readonly id: AccountId;
	readonly created_wall_ms: WallMs;
	readonly at_end: AtEnd;
	readonly throttle_bytes_per_second: number | null;
};

/** The table `account`. */
export class AccountStore {
	readonly #find: Database.Statement<[string], AccountRow>;
	readonly #byNumber: Database.Statement<[number], AccountRow>;
	readonly #idOf: Database.Statement<[number], AccountId>;
	readonly #setTariff: Database.Statement<[number, number]>;
	readonly #setWalletOpen: Database.Statement<[number, number | null, number]>;
	readonly #setBegun: Database.Statement<[number, number]>;
	readonly #setGrace: Database.Statement<[number | null, number]>;
	readonly #stored: Database.Statement<[string], StoredAccount>;
	readonly #ids: Database.Statement<[], AccountId>;
	readonly #count: Database.Statement<[], number>;
	readonly #add: Database.Statement<[string, AtEnd, number | null, number]>;
	readonly #block: Database.Statement<[number, number]>;
	readonly #store: Database.Statement<[number | null, number | null, number]>;
	readonly #end: Database.Statement<[string], EndRow>;
	readonly #balances: Database.Statement<[number], BalanceSum>;
	readonly #used: Database.Statement<[number], { bytes: number; seconds: number }>;
	readonly #cost: Database.Statement<[number], number>;
	readonly #tariffName: Database.Statement<[number], string>;

	constructor(database: Database.Database) {
		this.#find = database.prepare(`SELECT ${COLUMNS} FROM account WHERE id = ?`);
		this.#byNumber = database.prepare(`SELECT ${COLUMNS} FROM account WHERE number = ?`);
		this.#idOf = database.prepare<[number], AccountId>('SELECT id FROM account WHERE number = ?').pluck();
		this.#setTariff = database.prepare('UPDATE account SET tariff = ? WHERE number = ?');
		this.#setWalletOpen = database.prepare(
			'UPDATE account SET wallet_open = ?, wallet_open_tariff = ? WHERE number = ?',
		);
		this.#setBegun = database.prepare('UPDATE account SET begun_ms = ? WHERE number = ?');
		this.#setGrace = database.prepare('UPDATE account SET grace = ? WHERE number = ?');
		this.#stored = database.prepare('SELECT * FROM account WHERE id = ?');
		this.#ids = database.prepare<[], AccountId>('SELECT id FROM account ORDER BY id').pluck();
		this.#count = database.prepare<[], number>('SELECT count(*) FROM account').pluck();
		this.#add = database.prepare(
			'INSERT INTO account (id, at_end, throttle_bytes_per_second, created_wall_ms) VALUES (?, ?, ?, ?)',
		);
		this.#block = database.prepare('UPDATE account SET blocked = ? WHERE number = ?');
		this.#store = database.prepare('UPDATE account SET last_transfer = ?, last_package = ? WHERE number = ?');
		this.#end = database.prepare(`
			SELECT p.id AS package, coalesce(p.at_end, a.at_end) AS atEnd, p.expires_at_wall_ms AS untilWallMs,
				iif(p.balance IS NULL, a.throttle_bytes_per_second, p.throttle_bytes_per_second) AS throttleBytesPerSecond
			FROM account AS a LEFT JOIN package AS p ON p.balance = a.last_package WHERE a.id = ?`);
		this.#balances = database.prepare(`
			SELECT b.unit, p.kind = 'grace' AS grace, sum(b.credits_posted - b.debits_posted - b.debits_pending) AS available,
				sum(b.debits_pending) AS reserved
			FROM balance AS b JOIN package AS p ON p.balance = b.number WHERE b.account = ? AND b.live = 1 GROUP BY b.unit, 2`);
		this.#cost = database
			.prepare<
				[number],
				number
			>(`SELECT coalesce(sum(i.cost), 0) FROM session AS s JOIN item AS i ON i.session = s.number
				WHERE s.account = ? AND i.reason = 'rated'`)
			.pluck();
		this.#tariffName = database.prepare<[number], string>('SELECT name FROM tariff WHERE number = ?').pluck();
		this.#used = database.prepare(`
			SELECT coalesce(sum(m.up_bytes + m.down_bytes), 0) AS bytes, coalesce(sum(m.seconds), 0) AS seconds
			FROM session AS s JOIN meter AS m ON m.session = s.number WHERE s.account = ?`);
	}

	create(request: CreateAccountRequest, createdWallMs: WallMs): Answer {
		parseAccountId(request.id);
		const { id, atEnd = 'block', throttleBytesPerSecond } = request;
		checkEnd({ atEnd, ...(throttleBytesPerSecond === undefined ? {} : { throttleBytesPerSecond }) });
		const found = this.#stored.get(id);
		if (found === undefined) {
			this.#add.run(id, atEnd, throttleBytesPerSecond ?? null, createdWallMs);
			return 'created';
		}
		const same = found.at_end === atEnd && found.throttle_bytes_per_second === (throttleBytesPerSecond ?? null);
		return same ? 'exists' : 'exists_with_different_values';
	}

	block(id: AccountId, blocked: boolean): Answer {
		const found = this.#find.get(id);
		if (found === undefined) return 'not_found';
		if ((found.blocked === 1) === blocked) return 'exists';
		this.#block.run(blocked ? 1 : 0, found.number);
		return 'changed';
	}

	find(id: AccountId): AccountRow | undefined {
		return this.#find.get(id);
	}

	isBlocked(id: AccountId): boolean | undefined {
		const found = this.#find.get(id);
		return found && found.blocked === 1;
	}

	byNumber(number: number): AccountRow {
		return this.#byNumber.get(number) as AccountRow;
	}

	idOf(number: number): AccountId {
		return this.#idOf.get(number) as AccountId;
	}

	setTariff(account: number, tariff: number): void {
		this.#setTariff.run(tariff, account);
	}

	/** @param tariff by which the units are granted */
	setWalletOpen(account: number, units: number, tariff: number | null): void {
		this.#setWalletOpen.run(units, units === 0 ? null : tariff, account);
	}

	/** @param ms what its stations had of seconds that are not charged yet */
	setBegun(account: number, ms: number): void {
		this.#setBegun.run(ms, account);
	}

	/** What would have paid for it goes to another account: it goes along, or it would be had for nothing. */
	passBegun(from: Pick<AccountRow, 'number' | 'begun_ms'>, into: Pick<AccountRow, 'number' | 'begun_ms'>): void {
		if (from.begun_ms === 0) return;
		this.setBegun(from.number, 0);
		this.setBegun(into.number, into.begun_ms + from.begun_ms);
	}

	/** @param package_ null: a new purchase, so the next end may be followed by a grace allowance again */
	setGrace(account: number, package_: number | null): void {
		this.#setGrace.run(package_, account);
	}

	account(id: AccountId): Account | undefined {
		const found = this.#stored.get(id);
		if (found === undefined) return undefined;
		const available = noAmounts();
		const reserved = noAmounts();
		let grace: Account['grace'];
		for (const sum of this.#balances.all(found.number)) {
			if (sum.grace === 1 && sum.unit !== 'micro') {
				grace = { unit: sum.unit, remaining: sum.available + sum.reserved };
				continue;
			}
			available[sum.unit] = sum.available;
			reserved[sum.unit] = sum.reserved;
		}
		// What it has spent of money is only looked up where there was money.
		const tariff = found.tariff === null ? undefined : this.#tariffName.get(found.tariff);
		const used = this.#used.get(found.number);
		return {
			id,
			blocked: found.blocked === 1,
			createdWallMs: found.created_wall_ms,
			available,
			reserved,
			used: {
				byte: used?.bytes ?? 0,
				second: used?.seconds ?? 0,
				micro: tariff === undefined ? 0 : (this.#cost.get(found.number) ?? 0),
			},
			...(tariff === undefined ? {} : { tariff }),
			...(grace === undefined ? {} : { grace }),
		};
	}

	count(): number {
		return this.#count.get() as number;
	}

	accounts(): Account[] {
		return this.#ids.all().map((id) => this.account(id) as Account);
	}

	/** A throttle ends when the package that brought it is no longer valid; then the account is blocked. */
	endOf(id: AccountId, validityMs: number | null): End {
		const row = this.#end.get(id);
		if (row === undefined) throw new OctroiError('not_found', `there is no account ${id}`);
		return endOfRow(row, validityMs);
	}

	/** Stores the end of the account's chain, and which package was spent last. */
	store(chain: Chain, lastPackage: number | null): void {
		this.#store.run(chain.last, lastPackage, chain.account);
	}
}

type BalanceSum = {
	readonly unit: Unit;
	readonly grace: 0 | 1;
	readonly available: number;
	readonly reserved: number;
};

type EndRow = {
	readonly package: string | null;
	readonly atEnd: AtEnd;
	readonly throttleBytesPerSecond: number | null;
	readonly untilWallMs: WallMs | null;
};

/** What a stored end means now. */
export function endOfRow(row: EndRow, validityMs: number | null): End {
	const package_ = row.package === null ? {} : { package: row.package };
	if (row.atEnd === 'block' || row.throttleBytesPerSecond === null) return { atEnd: 'block', ...package_ };
	const { throttleBytesPerSecond, untilWallMs } = row;
	if (untilWallMs === null) return { atEnd: 'throttle', throttleBytesPerSecond, ...package_ };
	if (validityMs !== null && untilWallMs <= validityMs) return { atEnd: 'block', ...package_ };
	return { atEnd: 'throttle', throttleBytesPerSecond, ...package_, untilWallMs };
}
