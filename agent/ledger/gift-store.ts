import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import { type AccountId, AMOUNT_MAX, type Unit, type WallMs } from '../core/units.ts';
import type { AccountStore } from './account-store.ts';
import type { Books, Chain } from './books.ts';
import { type Moment, validityTime } from './moment.ts';
import type { Package } from './package.ts';
import { type LivePackage, packageOf } from './package-row.ts';
import type { PackageStore } from './package-store.ts';
import type { SliceStore } from './slice-store.ts';
import type { Gift, GiveRequest, GiveResult } from './voucher.ts';
import type { VoucherStore } from './voucher-store.ts';

export type GiftRow = {
	readonly number: number;
	readonly id: string;
	readonly giver: AccountId;
	readonly unit: Unit;
	readonly amount: number;
	readonly given_wall_ms: WallMs;
	readonly valid_until_wall_ms: WallMs | null;
	readonly state: Gift['state'];
	readonly receiver: AccountId | null;
	readonly opens: 0 | 1 | null;
	readonly ended_wall_ms: WallMs | null;
	readonly begun_ms: number;
};

type PartRow = { readonly part: number; readonly source: number; readonly amount: number };

const SELECT_GIFT = `
	SELECT g.number, g.id, a.id AS giver, g.unit, g.amount, g.given_wall_ms, g.valid_until_wall_ms, g.state,
		r.id AS receiver, g.opens, g.ended_wall_ms, g.begun_ms
	FROM gift AS g JOIN account AS a ON a.number = g.giver LEFT JOIN account AS r ON r.number = g.receiver`;

/** A page of them. */
const GIFTS_SHOWN_MAX = 100;

type Stores = {
	readonly accounts: AccountStore;
	readonly packages: PackageStore;
	readonly vouchers: VoucherStore;
	readonly slices: SliceStore;
	readonly books: Books;
};

/**
 * The tables `gift` and `gift_part`. A gift goes from the giver's packages into the house's balance `gifts`, and from there, once, into
 * new packages of the receiver, or back. Only inside of a transaction of its caller.
 */
export class GiftStore {
	readonly #stores: Stores;
	readonly #byNumber: Database.Statement<[number], GiftRow>;
	readonly #byId: Database.Statement<[string], GiftRow>;
	readonly #ofGiver: Database.Statement<[number, number], GiftRow>;
	readonly #ended: Database.Statement<[number], GiftRow>;
	readonly #nextEnd: Database.Statement<[], WallMs | null>;
	readonly #add: Database.Statement<unknown[]>;
	readonly #addPart: Database.Statement<[number, number, number, number, string]>;
	readonly #parts: Database.Statement<[number], PartRow>;
	readonly #endPart: Database.Statement<[string, number, number]>;
	readonly #end: Database.Statement<unknown[]>;
	readonly #addBalance: Database.Statement<[Unit, number]>;
	readonly #addPackage: Database.Statement<unknown[]>;

	constructor(database: Database.Database, stores: Stores) {
		this.#stores = stores;
		this.#byNumber = database.prepare(`${SELECT_GIFT} WHERE g.number = ?`);
		this.#byId = database.prepare(`${SELECT_GIFT} WHERE g.id = ?`);
		this.#ofGiver = database.prepare(`${SELECT_GIFT} WHERE g.giver = ? ORDER BY g.number DESC LIMIT ?`);
		this.#ended = database.prepare(
			`${SELECT_GIFT} WHERE g.state = 'offered' AND g.valid_until_wall_ms <= ? ORDER BY g.number`,
		);
		this.#nextEnd = database
			.prepare<[], WallMs | null>("SELECT min(valid_until_wall_ms) FROM gift WHERE state = 'offered'")
			.pluck();
		this.#add = database.prepare(
			`INSERT INTO gift (id, giver, unit, amount, given_wall_ms, valid_until_wall_ms, begun_ms, dated_at_ms)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		);
		this.#addPart = database.prepare(
			`INSERT INTO gift_part (gift, part, source, amount, given)
			VALUES (?, ?, ?, ?, (SELECT sequence FROM transfer WHERE id = ?))`,
		);
		this.#parts = database.prepare('SELECT part, source, amount FROM gift_part WHERE gift = ? ORDER BY part');
		this.#endPart = database.prepare(
			'UPDATE gift_part SET ended = (SELECT sequence FROM transfer WHERE id = ?) WHERE gift = ? AND part = ?',
		);
		this.#end = database.prepare(
			'UPDATE gift SET state = ?, receiver = ?, opens = ?, ended_wall_ms = ? WHERE number = ?',
		);
		this.#addBalance = database.prepare('INSERT INTO balance (unit, account) VALUES (?, ?)');
		// The validity goes along as it is: dated, or waiting for the clock. Only what comes back ends as it would have. Of the parts
		// of classes as much goes along as of the rest: else it would grow with each gift.
		this.#addPackage = database.prepare(`
			INSERT INTO package (balance, id, account, plan_name, amount, valid_for_seconds, expires_at_wall_ms, at_end,
				throttle_bytes_per_second, bought_wall_ms, kind, source, valid_from, since_boot_ms, since_boot, up_bytes_per_second,
				down_bytes_per_second, stations_max, tariff, grace_unit, grace_amount, tethered_rule, tethered_bytes_per_second,
				tethered_after_bytes, own_rule, own_bytes_per_second, own_after_bytes, dated_at_ms)
			SELECT @balance, @id, @account, plan_name, @amount, valid_for_seconds, expires_at_wall_ms, iif(@isBack, at_end, 'block'),
				iif(@isBack, throttle_bytes_per_second, NULL), @boughtWallMs, 'received', balance, valid_from, since_boot_ms, since_boot,
				up_bytes_per_second, down_bytes_per_second, stations_max, tariff, iif(@isBack, grace_unit, NULL),
				iif(@isBack, grace_amount, NULL), tethered_rule, tethered_bytes_per_second,
				CAST(tethered_after_bytes * (1.0 * @amount / amount) AS INTEGER), own_rule, own_bytes_per_second,
				CAST(own_after_bytes * (1.0 * @amount / amount) AS INTEGER), dated_at_ms
			FROM package WHERE balance = @source`);
	}

	byNumber(number: number): GiftRow {
		return this.#byNumber.get(number) as GiftRow;
	}

	byId(id: string): GiftRow | undefined {
		return this.#byId.get(id);
	}

	ofGiver(account: number): Gift[] {
		return this.#ofGiver.all(account, GIFTS_SHOWN_MAX).map(giftOf);
	}

	endedBy(validityMs: WallMs): GiftRow[] {
		return this.#ended.all(validityMs);
	}

	nextEnd(): WallMs | null {
		return this.#nextEnd.get() ?? null;
	}

	give(request: GiveRequest): GiveResult {
		const { accounts, packages, vouchers, slices, books } = this.#stores;
		const { id, unit, amount, hash, at } = request;
		const found = this.#byId.get(id);
		if (found !== undefined) {
			const isSame = found.giver === request.account && found.unit === unit && found.amount === amount;
			return isSame ? { answer: 'exists', gift: giftOf(found) } : { answer: 'exists_with_different_values' };
		}
		const account = accounts.find(request.account);
		if (account === undefined) return { answer: 'not_found' };
		if (account.blocked === 1) return { answer: 'account_blocked' };
		const sources = packages
			.live(account.number, at, account.grace)
			.packages.filter(
				(row) => row.unit === unit && row.hasEnded !== true && row.kind !== 'share' && row.kind !== 'grace',
			)
			// Of an account that lives at a platform, which would not know of the gift.
			.filter(({ balance }) => !slices.has(balance));
		const available = sources.reduce((sum, row) => sum + row.remaining - row.reserved, 0);
		if (available < amount) return { answer: 'too_little', available };
		if (vouchers.code(hash) !== undefined) return { answer: 'code_taken' };

		const { validForSeconds } = request;
		const dated = validForSeconds === undefined ? null : validityTime(at);
		const until = dated === null ? null : dated + (validForSeconds as number) * 1000;
		const begunMs = unit === 'byte' ? 0 : account.begun_ms;
		if (begunMs > 0) accounts.setBegun(account.number, 0);
		const values = [id, account.number, unit, amount, at.wallMs, until, begunMs, dated];
		const gift = Number(this.#add.run(...values).lastInsertRowid);
		vouchers.addGiftCode(hash, gift);
		const chain = { account: account.number, last: account.last_transfer };
		for (const { part, source, share } of partsOf(sources, amount)) {
			const transfer = books.append(chain, {
				id: `~gift-${gift}-${part}`,
				kind: 'transfer',
				reason: 'gift_given',
				unit,
				debit: source,
				credit: books.house('gifts', unit),
				amount: share,
				at,
			});
			this.#addPart.run(gift, part, source, share, transfer);
		}
		accounts.store(chain, account.last_package);
		return { answer: 'given', gift: giftOf(this.byNumber(gift)), available: available - amount };
	}

	/** @throws OctroiError `invalid_value` when the receiver's balance would exceed AMOUNT_MAX */
	claim(gift: GiftRow, receiver: AccountId, opens: boolean, at: Moment): Package[] {
		const held = this.#stores.accounts.account(receiver);
		const sum = (held?.available[gift.unit] ?? 0) + (held?.reserved[gift.unit] ?? 0);
		if (sum + gift.amount > AMOUNT_MAX) {
			throw new OctroiError('invalid_value', `the balance of ${receiver} would exceed ${AMOUNT_MAX}`);
		}
		return this.#finish(gift, { receiver, opens, at });
	}

	/** Gives the packages that hold it now. */
	giveBack(gift: GiftRow, at: Moment): Package[] {
		return this.#finish(gift, { receiver: undefined, opens: false, at });
	}

	/** The packages that a gift has become. */
	received(gift: GiftRow): Package[] {
		const { packages } = this.#stores;
		return this.#parts.all(gift.number).flatMap(({ part }) => {
			const row = packages.byId(packageIdOf(gift, part));
			return row === undefined ? [] : [packageOf(row)];
		});
	}

	#finish(gift: GiftRow, to: { receiver: AccountId | undefined; opens: boolean; at: Moment }): Package[] {
		const { accounts, packages, books } = this.#stores;
		const { receiver, opens, at } = to;
		const account = accounts.find(receiver ?? gift.giver);
		if (account === undefined) throw new OctroiError('not_found', `there is no account ${receiver ?? gift.giver}`);
		const chain: Chain = { account: account.number, last: account.last_transfer };
		const isBack = receiver === undefined ? 1 : 0;
		for (const { part, source, amount } of this.#parts.all(gift.number)) {
			const id = packageIdOf(gift, part);
			const balance = Number(this.#addBalance.run(gift.unit, account.number).lastInsertRowid);
			this.#addPackage.run({
				balance,
				id,
				account: account.number,
				amount,
				isBack,
				boughtWallMs: at.wallMs,
				source,
			});
			packages.copySoldPace({ from: source, to: balance });
			books.append(chain, {
				id,
				kind: 'transfer',
				reason: isBack ? 'gift_returned' : 'gift_claimed',
				unit: gift.unit,
				debit: books.house('gifts', gift.unit),
				credit: balance,
				amount,
				at,
			});
			this.#endPart.run(id, gift.number, part);
		}
		accounts.store(chain, account.last_package);
		if (gift.begun_ms > 0) accounts.setBegun(account.number, account.begun_ms + gift.begun_ms);
		// Somebody without a tariff of their own spends received money by that of the giver.
		const { tariff } = accounts.find(gift.giver) ?? { tariff: null };
		if (gift.unit === 'micro' && account.tariff === null && tariff !== null) accounts.setTariff(account.number, tariff);
		const state = isBack ? 'returned' : 'claimed';
		this.#end.run(state, isBack ? null : account.number, isBack ? null : opens ? 1 : 0, at.wallMs, gift.number);
		return this.received(gift);
	}
}

/** The ledger's own: no caller can take it. */
function packageIdOf({ number }: GiftRow, part: number): string {
	return `~gift-${number}-${part}-out`;
}

/** What would be spent last goes first: the giver keeps what would expire soonest, and the receiver has time. */
function partsOf(sources: readonly LivePackage[], amount: number): { part: number; source: number; share: number }[] {
	const parts: { part: number; source: number; share: number }[] = [];
	let rest = amount;
	for (const { balance, remaining, reserved } of sources.toReversed()) {
		const share = Math.min(rest, remaining - reserved);
		if (share > 0) parts.push({ part: parts.length + 1, source: balance, share });
		rest -= share;
	}
	return parts;
}

export function giftOf(row: GiftRow): Gift {
	return {
		id: row.id,
		giver: row.giver,
		unit: row.unit,
		amount: row.amount,
		state: row.state,
		givenWallMs: row.given_wall_ms,
		...(row.valid_until_wall_ms === null ? {} : { validUntilWallMs: row.valid_until_wall_ms }),
		...(row.receiver === null ? {} : { receiver: row.receiver }),
		...(row.ended_wall_ms === null ? {} : { endedWallMs: row.ended_wall_ms }),
	};
}
