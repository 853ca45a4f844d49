import type Database from 'better-sqlite3';
import type { Unit } from '../core/units.ts';
import type { GroupStore } from './group-store.ts';
import { type Moment, validityTime } from './moment.ts';
import type { PackageRow } from './package-row.ts';
import type { PackageStore } from './package-store.ts';
import type { SettlePlan } from './settle-plan.ts';

/** Of the credit that is not used up or expired: what is left, and what it was. */
export type Held = { remaining: number; total: number };

type LentRow = { readonly source: number; readonly amount: number };

/** How much of what it may spend an account has used: what warnings go by. */
export class HeldCredit {
	readonly #packages: PackageStore;
	readonly #groups: GroupStore;
	readonly #lent: Database.Statement<[number], LentRow>;

	constructor(database: Database.Database, stores: { packages: PackageStore; groups: GroupStore }) {
		this.#packages = stores.packages;
		this.#groups = stores.groups;
		// A member has a row for each unit, and a live balance is in the index `balance_live`.
		this.#lent = database.prepare(`SELECT share.source, sum(held.credits_posted - held.debits_posted) AS amount
			FROM member
				JOIN balance AS held ON held.account = member.account AND held.live = 1 AND held.unit = member.unit
				JOIN package AS share ON share.balance = held.number AND share.kind = 'share'
				JOIN package AS of ON of.balance = share.source AND of.account = member.in_group
			WHERE member.in_group = ? GROUP BY share.source`);
	}

	/**
	 * What an account has.
	 *
	 * @param spent balances of its packages that may just have been used up: nothing of them is left, and they were there
	 */
	now(account: number, at: Moment, spent: readonly number[] = []): Record<Unit, Held> {
		const counted = new Counted(at);
		for (const row of this.#packages.rows(account)) counted.add(row);
		for (const balance of spent) this.#addGone(counted, balance);
		this.#addLent(counted, account);
		return counted.held;
	}

	/** What a settle leaves of all that an account may spend from. Of a group that is no more than the allowance. */
	after(account: number, at: Moment, { usage, wallet }: SettlePlan): Record<Unit, Held> {
		const counted = new Counted(at);
		const { held } = counted;
		const lendable = new Map<string, number>();
		for (const { package: source, remaining } of [...usage.moves, ...wallet.moves]) {
			if (source.hasEnded === true) continue;
			const group = source.group ?? this.#packages.groupOf(source);
			if (group === undefined) counted.add({ ...source, remaining });
			else {
				const key = `${group} ${source.unit}`;
				held[source.unit].remaining += remaining;
				lendable.set(key, (lendable.get(key) ?? 0) + source.amount);
			}
		}
		for (const { in_group, unit, allowance } of lendable.size > 0 ? this.#groups.memberships(account) : []) {
			held[unit].total += Math.min(lendable.get(`${in_group} ${unit}`) ?? 0, allowance ?? Number.POSITIVE_INFINITY);
		}
		this.#addLent(counted, account);
		return held;
	}

	/** What members have drawn and not used is not used. */
	#addLent(counted: Counted, account: number): void {
		for (const { source, amount } of this.#lent.all(account)) {
			const row = this.#addGone(counted, source);
			if (row !== undefined) counted.held[row.unit].remaining += amount;
		}
	}

	/** @returns the package, if it counts */
	#addGone(counted: Counted, balance: number): PackageRow | undefined {
		const row = this.#packages.byBalance(balance);
		return row !== undefined && counted.add(row) ? row : undefined;
	}
}

type Countable = Pick<PackageRow, 'balance' | 'unit' | 'kind' | 'remaining' | 'amount' | 'expiresAtWallMs'>;

/** Packages that count once each; those that have expired, and what the house gives, do not. */
class Counted {
	readonly held = nothingHeld();
	readonly #at: Moment;
	readonly #balances = new Set<number>();

	constructor(at: Moment) {
		this.#at = at;
	}

	/** @returns whether it counts */
	add({ balance, unit, kind, remaining, amount, expiresAtWallMs }: Countable): boolean {
		const now = validityTime(this.#at);
		if (kind === 'grace' || (now !== null && expiresAtWallMs !== null && expiresAtWallMs <= now)) return false;
		if (this.#balances.has(balance)) return true;
		this.#balances.add(balance);
		this.held[unit].remaining += remaining;
		this.held[unit].total += amount;
		return true;
	}
}

function nothingHeld(): Record<Unit, Held> {
	return {
		byte: { remaining: 0, total: 0 },
		second: { remaining: 0, total: 0 },
		micro: { remaining: 0, total: 0 },
	};
}
