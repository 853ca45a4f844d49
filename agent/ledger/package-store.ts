import type Database from 'better-sqlite3';
import type { WallMs } from '../core/units.ts';
import { bySpendingOrder } from '../policy/deduction-queue.ts';
import type { AccountRow } from './account-store.ts';
import { type Moment, validityTime } from './moment.ts';
import type { Package, PackageKind, PackageTerms } from './package.ts';
import { type LivePackage, type PackageRow, packageOf, SELECT_LIVE, SELECT_PACKAGE } from './package-row.ts';
import { expiryOf, hasEnded, startedAt } from './validity.ts';

/** A package that is about to be written. */
export type NewPackage = {
	readonly id: string;
	readonly account: number;
	readonly kind: PackageKind;
	readonly source?: number | null;
	readonly terms: PackageTerms;
	/** The number of its tariff. */
	readonly tariff?: number | null;
	/** Default: by its validity. */
	readonly expiresAtWallMs?: number | null;
	/** With `expiresAtWallMs`: when that was set, as of the package that it comes from. */
	readonly datedAtMs?: number | null;
	readonly at: Moment;
};

/** The table `package`, with the balance of each. */
export class PackageStore {
	readonly #byId: Database.Statement<[string], PackageRow>;
	readonly #byBalance: Database.Statement<[number], PackageRow>;
	readonly #live: Database.Statement<[number], LivePackage>;
	readonly #share: Database.Statement<[number, number], LivePackage>;
	readonly #whole: Database.Statement<[number], PackageRow>;
	readonly #addBalance: Database.Statement<[string, number, number]>;
	readonly #add: Database.Statement<unknown[]>;
	readonly #date: Database.Statement<[number | null, number | null, number]>;
	readonly #start: Database.Statement<[number | null, number | null, number | null, string | null, number]>;
	readonly #copySoldPace: Database.Statement<[number, number]>;
	readonly #throttleEnd: Database.Statement<[number], WallMs | null>;

	constructor(database: Database.Database) {
		this.#byId = database.prepare(`${SELECT_PACKAGE} WHERE p.id = ?`);
		this.#byBalance = database.prepare(`${SELECT_PACKAGE} WHERE p.balance = ?`);
		this.#live = database.prepare(`${SELECT_LIVE} WHERE b.account = ? AND b.live = 1`);
		this.#share = database.prepare(`${SELECT_LIVE} WHERE p.source = ? AND p.account = ? AND p.kind = 'share'`);
		this.#whole = database.prepare(`${SELECT_PACKAGE} WHERE b.account = ? AND b.live = 1`);
		this.#addBalance = database.prepare('INSERT INTO balance (unit, account, live) VALUES (?, ?, ?)');
		this.#add = database.prepare(`INSERT INTO package (balance, id, account, kind, source, plan_name, amount,
				valid_for_seconds, expires_at_wall_ms, valid_from, since_boot_ms, since_boot, at_end, throttle_bytes_per_second,
				grace_unit, grace_amount, up_bytes_per_second, down_bytes_per_second, stations_max, tariff, renew_every_seconds,
				add_on, bought_wall_ms, tethered_rule, tethered_bytes_per_second, tethered_after_bytes,
				own_rule, own_bytes_per_second, own_after_bytes, dated_at_ms)
				VALUES (${Array(30).fill('?').join(',')})`);
		this.#date = database.prepare('UPDATE package SET expires_at_wall_ms = ?, dated_at_ms = ? WHERE balance = ?');
		this.#start = database.prepare(
			'UPDATE package SET expires_at_wall_ms = ?, dated_at_ms = ?, since_boot_ms = ?, since_boot = ? WHERE balance = ?',
		);
		this.#copySoldPace = database.prepare('INSERT INTO sold_pace SELECT ?, up, down FROM sold_pace WHERE balance = ?');
		this.#throttleEnd = database
			.prepare<[number], WallMs | null>(
				"SELECT expires_at_wall_ms FROM package WHERE balance = ? AND at_end = 'throttle'",
			)
			.pluck();
	}

	/** A part of a package that goes elsewhere keeps the speed that it was sold with, whatever its speed is for now. */
	copySoldPace({ from, to }: { readonly from: number; readonly to: number }): void {
		this.#copySoldPace.run(to, from);
	}

	byId(id: string): PackageRow | undefined {
		return this.#byId.get(id);
	}

	byBalance(balance: number): PackageRow | undefined {
		return this.#byBalance.get(balance);
	}

	/**
	 * What is not used up, in spending order. Validities that begin by now are brought up to date.
	 *
	 * @param write false: nothing is written, the answer is the same
	 */
	live(account: number, at: Moment, grace: number | null, write = true): { packages: LivePackage[]; dated: boolean } {
		let dated = false;
		const packages = this.#live.all(account).map((row): LivePackage => {
			const expiry = expiryOf(row, at);
			if (expiry !== row.expiresAtWallMs && write) {
				this.#date.run(expiry, validityTime(at), row.balance);
				dated = true;
			}
			// A grace allowance ends with the next purchase.
			const hasEndedNow = hasEnded(row, at) || (row.kind === 'grace' && row.balance !== grace);
			// Not copied: this is done for every package in every settle.
			return Object.assign(row, { expiresAtWallMs: expiry, hasEnded: hasEndedNow });
		});
		return { packages: packages.length > 1 ? packages.sort(bySpendingOrder) : packages, dated };
	}

	/** As it stands, for people; changes nothing. */
	packages(account: number): Package[] {
		return this.#whole.all(account).sort(bySpendingOrder).map(packageOf);
	}

	/** The packages that are not used up, as rows. */
	rows(account: number): PackageRow[] {
		return this.#whole.all(account);
	}

	/** The number of the account from whose package a share is drawn; undefined for anything else. */
	groupOf({ kind, source }: Pick<LivePackage, 'kind' | 'source'>): number | undefined {
		return kind === 'share' && source !== null ? this.#byBalance.get(source)?.account_number : undefined;
	}

	share(source: number, account: number): LivePackage | undefined {
		return this.#share.get(source, account);
	}

	/** Begins a validity that counts from the first use. */
	startUse(row: LivePackage, at: Moment): boolean {
		if (row.valid_from !== 'first_use' || row.valid_for_seconds === null) return false;
		if (row.expiresAtWallMs !== null || row.since_boot_ms !== null) return false;
		const { expiresAtWallMs, datedAtMs, sinceBootMs, sinceBoot } = startedAt(row.valid_for_seconds, at);
		this.#start.run(expiresAtWallMs, datedAtMs, sinceBootMs, sinceBoot, row.balance);
		return expiresAtWallMs !== null || sinceBoot !== null;
	}

	/** @param datedAtMs when that was set, as of what it follows from */
	setExpiry(balance: number, expiresAtWallMs: number, datedAtMs: number | null): void {
		this.#date.run(expiresAtWallMs, datedAtMs, balance);
	}

	/** Creates the row and its empty balance. @returns the balance's number */
	add({ id, account, kind, source = null, terms, tariff = null, expiresAtWallMs, datedAtMs, at }: NewPackage): number {
		// A share is set aside until something is drawn into it.
		const balance = Number(this.#addBalance.run(terms.unit, account, kind === 'share' ? 0 : 1).lastInsertRowid);
		const isStarted = terms.validForSeconds !== undefined && (terms.validFrom ?? 'purchase') === 'purchase';
		const start = isStarted
			? startedAt(terms.validForSeconds as number, at)
			: { expiresAtWallMs: null, datedAtMs: null, sinceBootMs: null, sinceBoot: null };
		this.#add.run(
			...[balance, id, account, kind, source, terms.planName, terms.amount],
			...[terms.validForSeconds ?? null, expiresAtWallMs === undefined ? start.expiresAtWallMs : expiresAtWallMs],
			...[terms.validFrom ?? 'purchase', start.sinceBootMs, start.sinceBoot],
			...[terms.atEnd, terms.throttleBytesPerSecond ?? null, terms.grace?.unit ?? null, terms.grace?.amount ?? null],
			...[terms.pace?.upBytesPerSecond ?? null, terms.pace?.downBytesPerSecond ?? null, terms.stationsMax ?? null],
			...[tariff, terms.renews === true ? terms.validForSeconds : null, terms.addOn === true ? 1 : 0, at.wallMs],
			...[terms.tethered?.rule ?? null, terms.tethered?.bytesPerSecond ?? null, terms.tethered?.afterBytes ?? null],
			...[terms.own?.rule ?? null, terms.own?.bytesPerSecond ?? null, terms.own?.afterBytes ?? null],
			expiresAtWallMs === undefined ? start.datedAtMs : (datedAtMs ?? null),
		);
		return balance;
	}

	/** The soonest date at which something of the account ends. */
	nextExpiry(account: AccountRow, validityMs: number | null): WallMs | null {
		const dates: number[] = [];
		for (const row of this.#live.all(account.number)) if (row.expiresAtWallMs !== null) dates.push(row.expiresAtWallMs);
		const throttleEnd = account.last_package === null ? null : this.#throttleEnd.get(account.last_package);
		// Once past, it has already had its effect: reporting it again would make a timer fire for ever.
		if (throttleEnd != null && throttleEnd > (validityMs ?? 0)) dates.push(throttleEnd);
		return dates.length === 0 ? null : (Math.min(...dates) as WallMs);
	}

	/** How long until a validity that runs on this boot's clock ends. */
	nextBootExpiryMs(account: AccountRow, at: Moment): number | null {
		const { boot } = at;
		if (boot === undefined) return null;
		const waits = this.#live
			.all(account.number)
			.filter((row) => row.expiresAtWallMs === null && row.valid_for_seconds !== null && row.since_boot === boot.id)
			.map((row) => (row.since_boot_ms ?? 0) + (row.valid_for_seconds ?? 0) * 1000 - boot.ms);
		return waits.length === 0 ? null : Math.min(...waits);
	}
}
