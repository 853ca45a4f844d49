import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import { type AccountId, AMOUNT_MAX, type Unit } from '../core/units.ts';
import type { AccountRow, AccountStore } from './account-store.ts';
import type { Books, Chain } from './books.ts';
import { type FundsStores, fundsOf } from './funds.ts';
import type { GroupStore } from './group-store.ts';
import type { ItemStore } from './item-store.ts';
import type { Moment } from './moment.ts';
import type { LivePackage } from './package-row.ts';
import type { PackageStore } from './package-store.ts';
import type { Renewals } from './renewal-store.ts';
import { checkMoment } from './request-check.ts';
import type { SliceStore } from './slice-store.ts';

/** One account's credit becomes another's, all of it or nothing. */
export type MergeRequest = {
	readonly from: AccountId;
	readonly into: AccountId;
	/** How many stations are to spend `into` together afterwards. Default 0: not looked at. */
	readonly stations?: number;
	readonly at: Moment;
};

export type MergeResult = {
	/** exists: there is nothing left to move. */
	readonly answer: 'changed' | 'exists' | 'not_found';
	readonly packages: number;
	readonly moved: Readonly<Record<Unit, number>>;
};

export type MergeStores = FundsStores & {
	readonly accounts: AccountStore;
	readonly packages: PackageStore;
	readonly groups: GroupStore;
	readonly renewals: Renewals;
	readonly items: ItemStore;
	readonly slices: SliceStore;
	readonly books: Books;
};

/** Merges accounts, package by package, with their terms. Only inside of a transaction of its caller. */
export class Merges {
	readonly #stores: MergeStores;
	readonly #addBalance: Database.Statement<[Unit, number]>;
	readonly #addPackage: Database.Statement<unknown[]>;

	constructor(database: Database.Database, stores: MergeStores) {
		this.#stores = stores;
		this.#addBalance = database.prepare('INSERT INTO balance (unit, account) VALUES (?, ?)');
		// All but the cycle, which has ended, and what made it an add-on, which was done when it was bought.
		this.#addPackage = database.prepare(`
			INSERT INTO package (balance, id, account, plan_name, amount, valid_for_seconds, expires_at_wall_ms, at_end,
				throttle_bytes_per_second, bought_wall_ms, kind, source, valid_from, since_boot_ms, since_boot, grace_unit,
				grace_amount, up_bytes_per_second, down_bytes_per_second, stations_max, tariff, tethered_rule,
				tethered_bytes_per_second, tethered_after_bytes, own_rule, own_bytes_per_second, own_after_bytes, dated_at_ms)
			SELECT ?, ?, ?, plan_name, ?, valid_for_seconds, expires_at_wall_ms, at_end,
				throttle_bytes_per_second, ?, 'received', balance, valid_from, since_boot_ms, since_boot, grace_unit,
				grace_amount, up_bytes_per_second, down_bytes_per_second, stations_max, tariff, tethered_rule,
				tethered_bytes_per_second, max(0, tethered_after_bytes - ?), own_rule, own_bytes_per_second,
				max(0, own_after_bytes - ?), dated_at_ms
			FROM package WHERE balance = ?`);
	}

	/** @throws OctroiError `not_allowed` when a part cannot go as it is, `invalid_value` */
	merge({ from: giver, into: taker, stations = 0, at }: MergeRequest): MergeResult {
		checkMoment(at);
		if (giver === taker) throw new OctroiError('invalid_value', `${giver} cannot be merged into itself`);
		const { accounts, packages } = this.#stores;
		const from = accounts.find(giver);
		const into = accounts.find(taker);
		const moved = { byte: 0, second: 0, micro: 0 };
		if (from === undefined || into === undefined) return { answer: 'not_found', packages: 0, moved };
		this.#refuseState({ id: giver, row: from }, { id: taker, row: into });
		const moving = packages
			.live(from.number, at, from.grace)
			.packages.filter(({ kind, hasEnded }) => hasEnded !== true && kind !== 'grace');
		for (const { unit, remaining } of moving) moved[unit] += remaining;
		this.#refuseCredit(moving, giver, taker, moved);
		if (moved.micro > 0) this.#carryTariff(from, into, moving, at);

		const gives = chainOf(from);
		const takes = chainOf(into);
		for (const row of moving) this.#moveOne(row, gives, takes, at);
		if (moving.length > 0) {
			// What follows the end (fair use, grace) went along: it cannot be multiplied.
			accounts.store(gives, null);
			accounts.store(takes, into.last_package);
			accounts.setGrace(into.number, null);
			accounts.passBegun(from, into);
		}
		this.#refuseStations(taker, stations, at);
		return { answer: moving.length > 0 ? 'changed' : 'exists', packages: moving.length, moved };
	}

	#refuseState(...both: readonly { id: AccountId; row: AccountRow }[]): void {
		const { groups, renewals } = this.#stores;
		for (const { id, row } of both) {
			refuse(row.blocked === 1, `account ${id} is blocked`, `octroi account unblock ${id}`);
		}
		const { id, row } = both[0] as { id: AccountId; row: AccountRow };
		const inGroup = groups.isInGroup(row.number);
		refuse(inGroup, `${id} is a group, or a member of one`, 'end that first: octroi group leave GROUP ACCOUNT');
		const renewal = renewals.list(row.number).find(({ active }) => active);
		refuse(renewal !== undefined, `${id} has a plan that renews`, `octroi renewal end ${id} ${renewal?.id}`);
	}

	#refuseCredit(moving: readonly LivePackage[], giver: AccountId, taker: AccountId, moved: MergeResult['moved']): void {
		const { accounts, slices } = this.#stores;
		refuse(
			moving.some(({ balance }) => slices.has(balance)),
			`what ${giver} has here are slices of an account that lives at the carrier's platform`,
			'merge the accounts there',
		);
		refuse(
			moving.some(({ reserved }) => reserved > 0),
			`a part of what ${giver} has is reserved for running traffic`,
			'detach its stations first',
		);
		const held = accounts.account(taker);
		for (const unit of ['byte', 'second', 'micro'] as const) {
			const sum = (held?.available[unit] ?? 0) + (held?.reserved[unit] ?? 0) + moved[unit];
			refuse(moved[unit] > 0 && sum > AMOUNT_MAX, `the balance of ${taker} would exceed ${AMOUNT_MAX} (${unit})`);
		}
	}

	/** Money is worth what its tariff says: two wallets of different tariffs are not one. */
	#carryTariff(from: AccountRow, into: AccountRow, moving: readonly LivePackage[], at: Moment): void {
		const { accounts, packages, tariffs } = this.#stores;
		const isMoney = ({ unit, hasEnded }: LivePackage) => unit === 'micro' && hasEnded !== true;
		const carried = from.tariff ?? moving.find(isMoney)?.tariff ?? null;
		const money = packages.live(into.number, at, into.grace).packages.find(isMoney);
		const kept = money === undefined ? null : (into.tariff ?? money.tariff);
		if (carried === null || carried === kept) return;
		if (kept !== null) {
			const theirs = tariffs.byNumber(carried).name;
			const ours = tariffs.byNumber(kept).name;
			const terms = theirs === ours ? `${theirs}, under different terms` : `${theirs} and ${ours}`;
			refuse(true, `the two wallets are spent by different tariffs: ${terms}`, 'use up one of the wallets first');
		}
		accounts.setTariff(into.number, carried);
	}

	#moveOne(row: LivePackage, gives: Chain, takes: Chain, at: Moment): void {
		const { books, items, packages } = this.#stores;
		const { unit, balance: source, remaining } = row;
		// The ledger's own: no caller can take it.
		const id = `~merged-${books.nextId().replace(/^~/, '')}`;
		const balance = Number(this.#addBalance.run(unit, takes.account).lastInsertRowid);
		// What each class has had of it so far counts as before.
		const tethered = row.tethered_after_bytes === null ? 0 : items.tethered(source);
		const own = row.own_after_bytes === null ? 0 : items.own(source);
		this.#addPackage.run(balance, id, takes.account, remaining, at.wallMs, tethered, own, source);
		packages.copySoldPace({ from: source, to: balance });
		books.pass(remaining, {
			unit,
			at,
			from: { chain: gives, balance: source, reason: 'given' },
			to: { chain: takes, balance, reason: 'received', id },
		});
	}

	#refuseStations(taker: AccountId, stations: number, at: Moment): void {
		if (stations === 0) return;
		const { stationsMax } = fundsOf(this.#stores.accounts.find(taker) as AccountRow, at, this.#stores);
		const isMore = stationsMax !== undefined && stations > stationsMax;
		refuse(
			isMore,
			`${taker} would have ${stations} stations at once, and may have ${stationsMax}`,
			'detach some first',
		);
	}
}

function chainOf(row: AccountRow): Chain {
	return { account: row.number, last: row.last_transfer };
}

function refuse(isWrong: boolean, message: string, fix?: string): void {
	if (isWrong) throw new OctroiError('not_allowed', message, fix === undefined ? {} : { fix });
}
