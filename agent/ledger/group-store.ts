import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, Unit } from '../core/units.ts';
import type { AccountStore } from './account-store.ts';
import type { Answer } from './answer.ts';
import { checkAmount } from './request-check.ts';

/** What a member may draw from the group in each cycle. Absent units: as much as there is. */
export type GroupAllowance = Partial<Readonly<Record<Unit, number>>>;

export type JoinGroupRequest = {
	readonly group: AccountId;
	readonly account: AccountId;
	readonly allowance: GroupAllowance;
};

/** One member of a group. */
export type Member = {
	readonly account: AccountId;
	readonly allowance: GroupAllowance;
	/** Drawn in this cycle, and not given back. */
	readonly drawn: Readonly<Record<Unit, number>>;
};

export type MemberRow = {
	readonly account: number;
	readonly in_group: number;
	readonly unit: Unit;
	readonly allowance: number | null;
	readonly drawn: number;
};

const UNITS = ['byte', 'second', 'micro'] as const;
/** Each settle of a member reads all of its groups. */
const GROUPS_MAX = 8;
/** A family, a class, a small firm: what a person can look over. */
const MEMBERS_MAX = 1000;

/** The table `member`. */
export class GroupStore {
	readonly #accounts: AccountStore;
	readonly #ofAccount: Database.Statement<[number], MemberRow>;
	readonly #ofGroup: Database.Statement<[number], MemberRow>;
	readonly #put: Database.Statement<[number, number, Unit, number | null]>;
	readonly #remove: Database.Statement<[number, number]>;
	readonly #draw: Database.Statement<[number, number, number, Unit]>;
	readonly #reset: Database.Statement<[number]>;
	readonly #isInGroup: Database.Statement<[number, number], 1>;
	readonly #sharesGroup: Database.Statement<[number, number], 1>;

	constructor(database: Database.Database, accounts: AccountStore) {
		this.#accounts = accounts;
		this.#ofAccount = database.prepare('SELECT * FROM member WHERE account = ?');
		this.#ofGroup = database.prepare('SELECT * FROM member WHERE in_group = ? ORDER BY account');
		this.#put = database.prepare(`INSERT INTO member (account, in_group, unit, allowance) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET allowance = excluded.allowance`);
		this.#remove = database.prepare('DELETE FROM member WHERE account = ? AND in_group = ?');
		this.#draw = database.prepare(
			'UPDATE member SET drawn = max(0, drawn + ?) WHERE account = ? AND in_group = ? AND unit = ?',
		);
		this.#reset = database.prepare('UPDATE member SET drawn = 0 WHERE in_group = ?');
		this.#isInGroup = database
			.prepare<[number, number], 1>(
				'SELECT 1 WHERE EXISTS (SELECT 1 FROM member WHERE account = ?) OR EXISTS (SELECT 1 FROM member WHERE in_group = ?)',
			)
			.pluck();
		this.#sharesGroup = database
			.prepare<[number, number], 1>(
				'SELECT 1 FROM member AS a JOIN member AS b ON b.in_group = a.in_group WHERE a.account = ? AND b.account = ? LIMIT 1',
			)
			.pluck();
	}

	/** → created, changed (another allowance), exists, not_found. */
	join({ group, account, allowance }: JoinGroupRequest): Answer {
		for (const unit of UNITS) checkAmount(`the allowance (${unit})`, allowance[unit] ?? 0);
		const groupRow = this.#accounts.find(group);
		const row = this.#accounts.find(account);
		if (groupRow === undefined || row === undefined) return 'not_found';
		this.#refuseNesting(groupRow.number, row.number);
		const all = this.#ofAccount.all(row.number);
		const found = all.filter(({ in_group }) => in_group === groupRow.number);
		const same = found.every(({ unit, allowance: now }) => now === (allowance[unit] ?? null));
		if (found.length > 0 && same) return 'exists';
		if (found.length === 0) this.#refuseMore(all.length, this.#ofGroup.all(groupRow.number).length);
		for (const unit of UNITS) this.#put.run(row.number, groupRow.number, unit, allowance[unit] ?? null);
		return found.length === 0 ? 'created' : 'changed';
	}

	/** → changed, not_found. What the account had drawn is its own until it is used, expires, or is given back. */
	leave(group: AccountId, account: AccountId): Answer {
		const groupRow = this.#accounts.find(group);
		const row = this.#accounts.find(account);
		if (groupRow === undefined || row === undefined) return 'not_found';
		return this.#remove.run(row.number, groupRow.number).changes > 0 ? 'changed' : 'not_found';
	}

	members(group: number): Member[] {
		const members = new Map<number, Member>();
		for (const row of this.#ofGroup.all(group)) {
			const member = members.get(row.account) ?? {
				account: this.#accounts.idOf(row.account),
				allowance: {},
				drawn: { byte: 0, second: 0, micro: 0 },
			};
			members.set(row.account, {
				account: member.account,
				allowance: row.allowance === null ? member.allowance : { ...member.allowance, [row.unit]: row.allowance },
				drawn: { ...member.drawn, [row.unit]: row.drawn },
			});
		}
		return [...members.values()];
	}

	memberships(account: number): MemberRow[] {
		return this.#ofAccount.all(account);
	}

	/** Counts what was drawn (or, below 0, given back) against the allowance of this cycle. */
	count(row: { account: number; in_group: number; unit: Unit }, amount: number): void {
		this.#draw.run(amount, row.account, row.in_group, row.unit);
	}

	/** A new cycle of the group. */
	reset(group: number): void {
		this.#reset.run(group);
	}

	/** Whether an account is a member of a group, or has members itself. */
	isInGroup(account: number): boolean {
		return this.#isInGroup.get(account, account) !== undefined;
	}

	/** Whether two accounts are members of one group. */
	shareGroup(a: number, b: number): boolean {
		return this.#sharesGroup.get(a, b) !== undefined;
	}

	/** A group is one level deep: what a member draws must not itself be drawn. */
	#refuseNesting(group: number, account: number): void {
		if (group !== account && this.#ofGroup.all(account).length === 0 && this.#ofAccount.all(group).length === 0) return;
		throw new OctroiError('not_allowed', 'a group cannot be a member of a group', {
			fix: 'name an account that has no members of its own',
		});
	}

	#refuseMore(rowsOfAccount: number, rowsOfGroup: number): void {
		if (rowsOfAccount < GROUPS_MAX * UNITS.length && rowsOfGroup < MEMBERS_MAX * UNITS.length) return;
		throw new OctroiError(
			'not_allowed',
			`a group has at most ${MEMBERS_MAX} members, and an account ${GROUPS_MAX} groups`,
		);
	}
}
