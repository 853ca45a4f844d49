import type { AccountId, UsageUnit } from '../core/units.ts';
import type { AccountRow, AccountStore } from './account-store.ts';
import type { Books, Chain } from './books.ts';
import type { ClassSplit } from './class-split.ts';
import type { GroupStore } from './group-store.ts';
import type { ItemStore } from './item-store.ts';
import type { Moment } from './moment.ts';
import { classesOf, type LivePackage } from './package-row.ts';
import type { PackageStore } from './package-store.ts';
import type { Source } from './purse.ts';
import type { Reason } from './reason.ts';
import type { Grant, SettleRequest } from './settle.ts';
import type { SettlePlan } from './settle-plan.ts';
import { grantOf } from './settle-result.ts';
import type { Move } from './settlement.ts';
import type { SliceStore } from './slice-store.ts';
import type { TariffRow } from './tariff-store.ts';
import type { RatedUse } from './wallet.ts';

/** What one settle carries through its steps. */
export type Step = {
	readonly request: SettleRequest;
	readonly epoch: number;
	readonly chain: Chain;
	/** The session that used something, if only one did: its transfers name it. */
	readonly session: number | undefined;
	readonly classes: ClassSplit;
	/** The balance of the package that was being spent where nothing or something else pays for bytes; 0: none. */
	readonly spending: number;
};

export type WriterStores = {
	readonly accounts: AccountStore;
	readonly packages: PackageStore;
	readonly groups: GroupStore;
	readonly items: ItemStore;
	readonly slices: SliceStore;
	readonly books: Books;
};

/** Writes a {@link SettlePlan}. Only inside of a transaction of its caller. */
export class SettleWriter {
	readonly #stores: WriterStores;

	constructor(stores: WriterStores) {
		this.#stores = stores;
	}

	/** @returns the grants that stand open now */
	write(step: Step, plan: SettlePlan): Grant[] {
		const grants: Grant[] = [];
		const tethered = new Map<number, number>();
		for (const { session, source, unit, amount } of plan.shares) {
			const bytes = unit === 'byte' ? step.classes.take(session, amount) : 0;
			tethered.set(source, (tethered.get(source) ?? 0) + bytes);
			const part = { bytes, package: source };
			this.#stores.items.add({ session, unit, reason: 'used', source, amount, cost: 0, tethered: part });
		}
		for (const move of [...plan.usage.moves, ...plan.wallet.moves]) {
			this.#move(step, move, { grants, tethered: tethered.get(move.package.balance) ?? 0 });
		}
		for (const use of plan.ratedUses) this.#rated(step, use, plan.openTariff as TariffRow);
		return grants;
	}

	/** What nothing paid is recorded too: included in a time package, throttled, or (a fault) overrun. */
	unpaid(step: Step, { session, unit, amount, reason }: UnpaidUse): void {
		if (amount === 0) return;
		const { books, items } = this.#stores;
		// Zero-rated flows have a class of their own.
		const bytes = unit === 'byte' && reason !== 'zero_rated' ? step.classes.take(session, amount) : 0;
		this.#house(step, { session, unit, amount, reason, debit: books.house('unpaid', unit), tethered: bytes });
		const part = { bytes, package: reason === 'included' ? step.spending : 0 };
		items.add({ session, unit, reason, source: 0, amount, cost: 0, tethered: part });
	}

	/** Gives the grace allowance: a package that nobody has paid. */
	giveGrace({ chain, at }: { chain: Chain; at: Moment }, last: LivePackage): number {
		const { packages, accounts, books } = this.#stores;
		const unit = last.grace_unit as UsageUnit;
		const amount = last.grace_amount as number;
		const id = books.nextId();
		const balance = packages.add({
			id,
			account: chain.account,
			kind: 'grace',
			source: last.balance,
			at,
			terms: {
				unit,
				amount,
				planName: packages.byBalance(last.balance)?.plan_name ?? 'grace',
				atEnd: 'block',
				pace: {
					...(last.up_bytes_per_second === null ? {} : { upBytesPerSecond: last.up_bytes_per_second }),
					...(last.down_bytes_per_second === null ? {} : { downBytesPerSecond: last.down_bytes_per_second }),
				},
				...classesOf(last),
			},
		});
		const debit = books.house('unpaid', unit);
		books.append(chain, { kind: 'transfer', reason: 'grace', unit, debit, credit: balance, amount, at });
		accounts.setGrace(chain.account, balance);
		return balance;
	}

	#move(
		step: Step,
		move: Move<Source>,
		{ grants, tethered }: { readonly grants: Grant[]; readonly tethered: number },
	): void {
		const { books, packages } = this.#stores;
		const { unit, balance, grant, held } = move.package;
		const { request, chain, epoch, session } = step;
		const spent = move.posted + move.taken;
		const drawn = Math.max(0, spent + move.reserved - held);
		if (drawn > 0) this.#draw(step, move.package, drawn);
		if (spent > 0) packages.startUse(move.package, request.at);
		const row = { unit, debit: balance, credit: books.house('served', unit), session, epoch, at: request.at } as const;
		if (move.resolved && grant !== null) {
			const resolved = { ...row, pending: grant };
			const isPosted = { kind: 'post', reason: 'used', tethered: Math.min(tethered, move.posted) } as const;
			if (move.posted > 0) books.append(chain, { ...resolved, ...isPosted, amount: move.posted });
			else {
				const amount = move.package.reserved;
				books.append(chain, { ...resolved, session: undefined, kind: 'void', reason: 'released', amount });
			}
		}
		if (move.taken > 0) {
			const rest = Math.max(0, tethered - move.posted);
			books.append(chain, { ...row, kind: 'transfer', reason: 'used', amount: move.taken, tethered: rest });
		}
		if (move.expired > 0) this.#expire(step, move);
		let { grant_id: id } = move.package;
		if (move.granted > 0) {
			const { granted: amount } = move;
			id = books.append(chain, { ...row, session: undefined, kind: 'pending', reason: 'grant', amount });
		}
		const leftover = held + drawn - spent - move.expired - move.reserved;
		if (move.package.kind === 'share' && leftover > 0) this.#giveBack(step, move.package, leftover);
		if (move.reserved > 0 && id !== null) grants.push(grantOf(id, move));
	}

	#expire({ chain, request: { account, at }, epoch }: Step, move: Move<Source>): void {
		const { slices, books } = this.#stores;
		const { unit, balance, kind } = move.package;
		const isSlice = slices.has(balance);
		const [reason, house] = isSlice ? SLICE_ENDS : kind === 'grace' ? GRACE_ENDS : PACKAGE_ENDS;
		const credit = books.house(house, unit);
		books.append(chain, { kind: 'transfer', reason, unit, debit: balance, credit, amount: move.expired, epoch, at });
		if (isSlice) slices.report(move.package, { account, returned: move.expired, reason: 'expired' }, at);
	}

	/** Takes from the group what the member is about to spend. */
	#draw(step: Step, share: Source, amount: number): void {
		const { packages } = this.#stores;
		const from = packages.byBalance(share.source as number);
		if (from !== undefined) packages.startUse(from, step.request.at);
		this.#between(step, share, amount, (group) => ({
			from: { chain: group, balance: share.source as number, reason: 'lent' },
			to: { chain: step.chain, balance: share.balance, reason: 'drawn' },
		}));
	}

	#giveBack(step: Step, share: Source, amount: number): void {
		this.#between(step, share, -amount, (group) => ({
			from: { chain: step.chain, balance: share.balance, reason: 'returned' },
			to: { chain: group, balance: share.source as number, reason: 'regained' },
		}));
	}

	#between(step: Step, share: Source, drawn: number, ways: (group: Chain) => Ways): void {
		const { accounts, packages, groups, books } = this.#stores;
		const source = packages.byBalance(share.source as number);
		const row = accounts.find(source?.account as AccountId) as AccountRow;
		const chain = { account: row.number, last: row.last_transfer };
		books.pass(Math.abs(drawn), { unit: share.unit, at: step.request.at, ...ways(chain) });
		accounts.store(chain, row.last_package);
		groups.count({ account: step.chain.account, in_group: row.number, unit: share.unit }, drawn);
	}

	/** The bytes or seconds that the wallet has paid, and which session they were. */
	#rated(step: Step, { session, units, cost }: RatedUse, { unit, number }: TariffRow): void {
		const { books, items } = this.#stores;
		const bytes = unit === 'byte' ? step.classes.take(session, units) : 0;
		const debit = books.house('rated', unit);
		this.#house(step, { session, unit, amount: units, reason: 'rated', debit, tethered: bytes });
		const part = { bytes, package: step.spending };
		items.add({ session, unit, reason: 'rated', source: number, amount: units, cost, tethered: part });
	}

	#house({ chain, epoch, request }: Step, use: UnpaidUse & { debit: number; tethered: number }): void {
		const { session, unit, amount, reason, debit, tethered } = use;
		const credit = this.#stores.books.house('served', unit);
		this.#stores.books.append(chain, {
			kind: 'transfer',
			reason,
			unit,
			debit,
			credit,
			amount,
			tethered,
			session,
			epoch,
			at: request.at,
		});
	}
}

const SLICE_ENDS = ['slice_returned', 'issued'] as const;
const GRACE_ENDS = ['grace_ended', 'unpaid'] as const;
const PACKAGE_ENDS = ['expired', 'expired'] as const;

type Ways = Pick<Parameters<Books['pass']>[1], 'from' | 'to'>;

export type UnpaidUse = {
	readonly session: number;
	readonly unit: UsageUnit;
	readonly amount: number;
	readonly reason: Reason;
};
