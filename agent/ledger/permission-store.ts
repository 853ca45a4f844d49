import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, Unit } from '../core/units.ts';
import type { AccountRow, AccountStore } from './account-store.ts';
import type { Answer } from './answer.ts';
import type { Books, Chain } from './books.ts';
import type { GroupStore } from './group-store.ts';
import { type Moment, validityTime } from './moment.ts';
import { termsOf } from './package-row.ts';
import type { PackageStore } from './package-store.ts';
import type { Purse, Source } from './purse.ts';
import { checkAmount, checkId, checkMoment } from './request-check.ts';
import type { SliceStore } from './slice-store.ts';

/** A giver lets somebody take credit: whoever knows the code, once. */
export type PermitRequest = {
	/** Made by whoever asks, from enough randomness that nobody guesses it; only its hash is kept. 8 to 64 characters. */
	readonly code: string;
	readonly giver: AccountId;
	readonly unit: Unit;
	readonly amount: number;
	/** Who may take it. Absent: any member of a group of the giver's. */
	readonly taker?: AccountId;
	readonly validForSeconds?: number;
	readonly at: Moment;
};

export type TakeRequest = {
	/** Made by whoever asks. It becomes the id of the first package that is received. */
	readonly transferId: string;
	readonly code: string;
	readonly taker: AccountId;
	readonly at: Moment;
};

export type TakeResult = {
	readonly answer: Answer;
	readonly giver?: AccountId;
	readonly unit?: Unit;
	readonly amount?: number;
};

type PermissionRow = {
	readonly code_hash: string;
	readonly giver: number;
	readonly taker: number | null;
	readonly unit: Unit;
	readonly amount: number;
	readonly expires_wall_ms: number | null;
	readonly used_by: string | null;
};

export type PermissionStores = {
	readonly accounts: AccountStore;
	readonly packages: PackageStore;
	readonly groups: GroupStore;
	readonly purse: Purse;
	readonly slices: SliceStore;
	readonly books: Books;
};

const CODE = /^[A-Za-z0-9-]{8,64}$/;

/** The table `permission`, and the transfer of credit that one allows. Only inside of a transaction of its caller. */
export class Permissions {
	readonly #stores: PermissionStores;
	readonly #find: Database.Statement<[string], PermissionRow>;
	readonly #add: Database.Statement<unknown[]>;
	readonly #use: Database.Statement<[string, string]>;

	constructor(database: Database.Database, stores: PermissionStores) {
		this.#stores = stores;
		this.#find = database.prepare('SELECT * FROM permission WHERE code_hash = ?');
		this.#add = database.prepare(
			'INSERT INTO permission (code_hash, giver, taker, unit, amount, expires_wall_ms, created_wall_ms, dated_at_ms) VALUES (?,?,?,?,?,?,?,?)',
		);
		this.#use = database.prepare('UPDATE permission SET used_by = ? WHERE code_hash = ?');
	}

	/** → created, exists, exists_with_different_values, not_found (an account). Nothing is moved or reserved yet. */
	permit({ code, giver, unit, amount, taker, validForSeconds, at }: PermitRequest): Answer {
		checkAmount('the amount', amount, 1);
		checkMoment(at);
		const hash = hashOf(code);
		const from = this.#stores.accounts.find(giver);
		const to = taker === undefined ? undefined : this.#stores.accounts.find(taker);
		if (from === undefined || (taker !== undefined && to === undefined)) return 'not_found';
		const found = this.#find.get(hash);
		if (found !== undefined) {
			const isSame = found.giver === from.number && found.unit === unit && found.amount === amount;
			return isSame && found.taker === (to?.number ?? null) ? 'exists' : 'exists_with_different_values';
		}
		const dated = validForSeconds === undefined ? null : validityTime(at);
		const expires = dated === null ? null : dated + (validForSeconds as number) * 1000;
		this.#add.run(hash, from.number, to?.number ?? null, unit, amount, expires, at.wallMs, dated);
		return 'created';
	}

	/** Who gives by this code, taken or not. */
	giverOf(code: string): AccountId | undefined {
		const permission = this.#find.get(hashOf(code));
		return permission && this.#stores.accounts.idOf(permission.giver);
	}

	/**
	 * Takes what a permission allows. → created, exists (by this id before), exists_with_different_values, not_found (no such
	 * code, used, expired, or not for this account: a stranger learns nothing more).
	 *
	 * @throws OctroiError `not_allowed` when the giver no longer has the amount
	 */
	take({ transferId, code, taker, at }: TakeRequest): TakeResult {
		checkId('transfer', transferId);
		checkMoment(at);
		const { accounts, packages } = this.#stores;
		const permission = this.#find.get(hashOf(code));
		const to = accounts.find(taker);
		if (permission === undefined || to === undefined) return { answer: 'not_found' };
		const { giver: from, unit, amount } = permission;
		const giver = accounts.idOf(from);
		if (permission.used_by === transferId && packages.byId(transferId)?.account === taker) {
			return { answer: 'exists', giver, unit, amount };
		}
		if (packages.byId(transferId) !== undefined) return { answer: 'exists_with_different_values' };
		if (!this.#isOpen(permission, to, at)) return { answer: 'not_found' };
		this.#move(transferId, permission, to, at);
		this.#use.run(transferId, permission.code_hash);
		return { answer: 'created', giver, unit, amount };
	}

	#isOpen({ giver, taker, used_by, expires_wall_ms: expires }: PermissionRow, to: AccountRow, at: Moment): boolean {
		if (used_by !== null || giver === to.number) return false;
		const now = validityTime(at);
		if (expires !== null && now !== null && expires <= now) return false;
		return taker === null ? this.#stores.groups.shareGroup(giver, to.number) : taker === to.number;
	}

	/** From the giver's credit in spending order; what comes from a group is drawn first, against the giver's allowance. */
	#move(id: string, { giver, unit, amount }: PermissionRow, to: AccountRow, at: Moment): void {
		const { accounts, purse, slices } = this.#stores;
		const from = accounts.byNumber(giver);
		const { sources } = purse.collect(from, at);
		const spendable = sources.filter(
			(source) =>
				source.unit === unit &&
				source.hasEnded !== true &&
				source.kind !== 'grace' &&
				// Of an account that lives at a platform, which would not know: nor what a group has of one.
				!slices.has(source.kind === 'share' ? (source.source as number) : source.balance),
		);
		const available = spendable.reduce((sum, source) => sum + source.remaining - source.reserved, 0);
		if (from.blocked === 1 || available < amount) {
			throw new OctroiError('not_allowed', `${accounts.idOf(giver)} cannot give ${amount} any more`, {
				fix: `at most ${from.blocked === 1 ? 0 : available}; what is reserved for running traffic, and slices of the platform's, cannot be given`,
			});
		}
		const gives = chainOf(from);
		const takes = chainOf(to);
		let left = amount;
		let part = 0;
		for (const source of spendable) {
			const taken = Math.min(left, source.remaining - source.reserved);
			if (taken <= 0) continue;
			left -= taken;
			part += 1;
			this.#moveOne(part === 1 ? id : `${id}~p${part}`, { source, amount: taken, gives, takes, at });
		}
		accounts.store(gives, from.last_package);
		accounts.store(takes, to.last_package);
		accounts.setGrace(to.number, null);
		if (unit !== 'byte') accounts.passBegun(from, to);
		// Somebody without a tariff of their own spends received money by that of the giver.
		if (unit === 'micro' && to.tariff === null && from.tariff !== null) accounts.setTariff(to.number, from.tariff);
	}

	#moveOne(id: string, { source, amount, gives, takes, at }: OneMove): void {
		const { packages, books, accounts, groups } = this.#stores;
		const row = packages.byBalance(source.balance);
		if (row === undefined) throw new OctroiError('internal', `the package of balance ${source.balance} is missing`);
		const drawn = Math.max(0, amount - (source.held - source.reserved));
		if (drawn > 0) {
			const group = accounts.byNumber(source.group as number);
			const chain = chainOf(group);
			books.pass(drawn, {
				unit: source.unit,
				at,
				from: { chain, balance: source.source as number, reason: 'lent' },
				to: { chain: gives, balance: source.balance, reason: 'drawn' },
			});
			accounts.store(chain, group.last_package);
			groups.count({ account: gives.account, in_group: group.number, unit: source.unit }, drawn);
		}
		const { renews: _, ...terms } = termsOf(row);
		const balance = packages.add({
			id,
			account: takes.account,
			kind: 'received',
			source: source.balance,
			terms: { ...terms, amount },
			tariff: row.tariff,
			expiresAtWallMs: source.expiresAtWallMs,
			datedAtMs: row.dated_at_ms,
			at,
		});
		packages.copySoldPace({ from: source.balance, to: balance });
		books.pass(amount, {
			unit: source.unit,
			at,
			from: { chain: gives, balance: source.balance, reason: 'given' },
			to: { chain: takes, balance, reason: 'received', id },
		});
	}
}

type OneMove = {
	readonly source: Source;
	readonly amount: number;
	readonly gives: Chain;
	readonly takes: Chain;
	readonly at: Moment;
};

function chainOf(row: AccountRow): Chain {
	return { account: row.number, last: row.last_transfer };
}

function hashOf(code: string): string {
	if (!CODE.test(code)) {
		throw new OctroiError('invalid_value', 'this is not a permission code', {
			fix: 'a code has 8 to 64 letters, digits and hyphens',
		});
	}
	return createHash('sha256').update(code.toLowerCase()).digest('hex');
}
