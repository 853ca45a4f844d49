import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import { type AccountId, AMOUNT_MAX, type Unit, type WallMs } from '../core/units.ts';
import type { AtEnd, End } from './account.ts';
import { type AccountRow, endOfRow } from './account-store.ts';
import type { Books, Chain } from './books.ts';
import type { Moment } from './moment.ts';
import type { Package, PackageTerms, TopUpRequest } from './package.ts';
import type { SettlementPackage } from './settlement.ts';
import { bySpendingOrder } from './spending-order.ts';

/** What a settle needs to know of a live package, its balance and its open grant: read for every account in every settle. */
export type LivePackage = SettlementPackage & {
	readonly id: string;
	readonly expiresAtWallMs: WallMs | null;
	readonly valid_for_seconds: number | null;
	readonly at_end: AtEnd;
	readonly throttle_bytes_per_second: number | null;
	/** The sequence, id and epoch of the open grant. */
	readonly grant: number | null;
	readonly grant_id: string | null;
	readonly grant_epoch: number | null;
};

/** All of a package. */
export type PackageRow = LivePackage & {
	readonly account: AccountId;
	readonly plan_name: string;
	readonly amount: number;
	readonly bought_wall_ms: WallMs;
};

const LIVE_COLUMNS = `p.balance, p.id, b.unit, p.valid_for_seconds, p.expires_at_wall_ms AS expiresAtWallMs, p.at_end,
	p.throttle_bytes_per_second, b.credits_posted - b.debits_posted AS remaining, b.debits_pending AS reserved,
	b.open_grant AS "grant", t.id AS grant_id, t.epoch AS grant_epoch`;

const FROM = `FROM balance AS b JOIN package AS p ON p.balance = b.number LEFT JOIN transfer AS t ON t.sequence = b.open_grant`;

const SELECT_LIVE = `SELECT ${LIVE_COLUMNS} ${FROM}`;

const SELECT_PACKAGE = `SELECT ${LIVE_COLUMNS}, a.id AS account, p.plan_name, p.amount, p.bought_wall_ms
	${FROM} JOIN account AS a ON a.number = b.account`;

/** The table `package`, with the balance of each. */
export class PackageStore {
	readonly #byId: Database.Statement<[string], PackageRow>;
	readonly #live: Database.Statement<[number], LivePackage>;
	readonly #whole: Database.Statement<[number], PackageRow>;
	readonly #addBalance: Database.Statement<[Unit, number]>;
	readonly #add: Database.Statement<unknown[]>;
	readonly #date: Database.Statement<[number, number]>;
	readonly #throttleEnd: Database.Statement<[number], WallMs | null>;
	readonly #sum: Database.Statement<[number, Unit], number | null>;

	constructor(database: Database.Database) {
		this.#byId = database.prepare(`${SELECT_PACKAGE} WHERE p.id = ?`);
		this.#live = database.prepare(`${SELECT_LIVE} WHERE b.account = ? AND b.live = 1`);
		this.#whole = database.prepare(`${SELECT_PACKAGE} WHERE b.account = ? AND b.live = 1`);
		this.#addBalance = database.prepare('INSERT INTO balance (unit, account) VALUES (?, ?)');
		this.#add = database.prepare('INSERT INTO package VALUES (?,?,?,?,?,?,?,?,?,?)');
		this.#date = database.prepare('UPDATE package SET expires_at_wall_ms = ? WHERE balance = ?');
		this.#throttleEnd = database
			.prepare<[number], WallMs | null>(
				"SELECT expires_at_wall_ms FROM package WHERE balance = ? AND at_end = 'throttle'",
			)
			.pluck();
		this.#sum = database
			.prepare<[number, Unit], number | null>(
				'SELECT sum(credits_posted - debits_posted) FROM balance WHERE account = ? AND live = 1 AND unit = ?',
			)
			.pluck();
	}

	byId(id: string): PackageRow | undefined {
		return this.#byId.get(id);
	}

	/** What is not used up, in spending order. */
	live(account: number): LivePackage[] {
		const rows = this.#live.all(account);
		return rows.length > 1 ? rows.sort(bySpendingOrder) : rows;
	}

	/** The same, for people. */
	packages(account: number): Package[] {
		return this.#whole.all(account).sort(bySpendingOrder).map(packageOf);
	}

	/** The live ones; packages that wait for the clock begin their validity now, if it is known to be set. */
	liveAndDated(account: number, trustedWallMs: number | null): { packages: LivePackage[]; dated: boolean } {
		const packages = this.live(account);
		if (trustedWallMs === null || !packages.some(isUndated)) return { packages, dated: false };
		for (const row of packages.filter(isUndated)) {
			this.#date.run(trustedWallMs + (row.valid_for_seconds as number) * 1000, row.balance);
		}
		return { packages: this.live(account), dated: true };
	}

	/** Creates the package and its empty balance, and moves the bought amount into it. */
	buy(request: TopUpRequest, account: AccountRow, chain: Chain, books: Books): void {
		const { package: terms, at, transferId } = request;
		if ((this.#sum.get(account.number, terms.unit) ?? 0) + terms.amount > AMOUNT_MAX) {
			throw new OctroiError('invalid_value', `the balance of ${request.account} would exceed ${AMOUNT_MAX}`, {
				fix: 'buy a smaller package',
			});
		}
		const balance = Number(this.#addBalance.run(terms.unit, account.number).lastInsertRowid);
		this.#add.run(
			balance,
			transferId,
			account.number,
			terms.planName,
			terms.amount,
			terms.validForSeconds ?? null,
			expiryOf(terms, at),
			terms.atEnd,
			terms.throttleBytesPerSecond ?? null,
			at.wallMs,
		);
		books.append(chain, {
			id: transferId,
			kind: 'transfer',
			reason: 'topup',
			unit: terms.unit,
			debit: books.house('issued', terms.unit),
			credit: balance,
			amount: terms.amount,
			at,
		});
	}

	/** The soonest date at which something of the account ends. */
	nextExpiry(account: AccountRow, trustedWallMs: number | null): WallMs | null {
		const dates: number[] = [];
		for (const row of this.live(account.number)) if (row.expiresAtWallMs !== null) dates.push(row.expiresAtWallMs);
		const throttleEnd = account.last_package === null ? null : this.#throttleEnd.get(account.last_package);
		// Once past, it has already had its effect: reporting it again would make a timer fire for ever.
		if (throttleEnd != null && throttleEnd > (trustedWallMs ?? 0)) dates.push(throttleEnd);
		return dates.length === 0 ? null : (Math.min(...dates) as WallMs);
	}
}

function isUndated(row: LivePackage): boolean {
	return row.valid_for_seconds !== null && row.expiresAtWallMs === null;
}

function expiryOf(terms: PackageTerms, at: Moment): number | null {
	if (terms.validForSeconds === undefined || at.trustedWallMs == null) return null;
	return at.trustedWallMs + terms.validForSeconds * 1000;
}

export function packageOf(row: PackageRow): Package {
	return {
		id: row.id,
		account: row.account,
		planName: row.plan_name,
		unit: row.unit,
		amount: row.amount,
		remaining: row.remaining,
		reserved: row.reserved,
		boughtWallMs: row.bought_wall_ms,
		...(row.expiresAtWallMs === null ? {} : { expiresAtWallMs: row.expiresAtWallMs }),
		atEnd: row.at_end,
		...(row.throttle_bytes_per_second === null ? {} : { throttleBytesPerSecond: row.throttle_bytes_per_second }),
	};
}

export function endOfPackage(row: LivePackage, trustedWallMs: number | null): End {
	const { id, at_end: atEnd, throttle_bytes_per_second: throttleBytesPerSecond, expiresAtWallMs: untilWallMs } = row;
	return endOfRow({ package: id, atEnd, throttleBytesPerSecond, untilWallMs }, trustedWallMs);
}
