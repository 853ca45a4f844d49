import Database from 'better-sqlite3';
import type { AccountId, Unit } from '../../../agent/core/units.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import type { LostGrant } from '../../../agent/ledger/lost.ts';
import type { Moment } from '../../../agent/ledger/moment.ts';
import type { FakeKernel } from '../../fakes/fake-kernel.ts';
import { Truth, Violation } from './truth.ts';

type TransferRow = { sequence: number; account: AccountId; unit: Unit; reason: string; amount: number };
type RatedRow = {
	session: string;
	/** Of the tariff. */
	number: number;
	amount: number;
	cost: number;
	price_micro: number;
	per: number;
	free: number;
	first: number;
	step: number;
};

const UNITS = ['byte', 'second', 'micro'] as const;
/** How credit comes into the hands of accounts, beside what a simulation buys itself. */
const GIVEN_BY_THE_HOUSE = ['renewed', 'grace'];
const GONE = ['used', 'expired', 'grace_ended', 'lost_venue', 'spent'];

/**
 * The same independent books where credit moves between accounts and is money too. What an account has paid is what its own
 * transfers say; that they neither create nor destroy anything is proven by the sum over all of them, read from the file itself.
 */
export class ProductTruth extends Truth {
	readonly #path: string;
	readonly #moment: () => Moment;
	readonly #bought = { byte: 0, second: 0, micro: 0 };
	readonly #sums = new Map<string, number>();
	readonly #granted = new Map<AccountId, { byte: number; second: number }>();
	#statements: Statements | undefined;
	#sequence = 0;
	#turn = 0;

	constructor(kernel: FakeKernel, path: string, moment: () => Moment) {
		super(kernel);
		this.#path = path;
		this.#moment = moment;
	}

	/** Somebody has bought it, and the ledger has said so. */
	bought(unit: Unit, amount: number): void {
		this.#bought[unit] += amount;
	}

	/** What the kernel may spend after a settle, whoever pays: what a lost table may cost. */
	granted(account: AccountId, amounts: { byte: number; second: number }): void {
		this.#granted.set(account, amounts);
	}

	/** Closes the file. */
	end(): void {
		this.#statements?.database.close();
		this.#statements = undefined;
	}

	override paid(_ledger: Ledger, id: AccountId, unit: Unit): number {
		this.#read();
		return this.#sum(id, unit, 'used') + this.#sum(id, unit, 'rated');
	}

	/** A wallet's part stands reserved in money, and what is free of its tariff costs nothing: as much as the kernel had counts. */
	override lost(ledger: Ledger, grants: readonly LostGrant[]): void {
		const [first] = grants;
		const open = new Set(ledger.openSessions().map(({ account }) => account));
		const gone = [...this.#granted].filter(([id]) => !open.has(id) || grants.some(({ account }) => account === id));
		const whole = gone.flatMap(([account, { byte, second }]) => {
			this.#granted.delete(account);
			const grant = { account, grant: '', package: '', direction: first?.direction ?? 'customer' } as const;
			return [
				{ ...grant, unit: 'byte' as const, amount: byte },
				{ ...grant, unit: 'second' as const, amount: second },
			];
		});
		super.lost(ledger, whole);
	}

	protected override reserved(ledger: Ledger, id: AccountId): { byte: number; second: number } {
		return ledger.account(id) ? ledger.funds(id, this.#moment()).open : { byte: 0, second: 0 };
	}

	/** One account after the other: looking at all of what each may spend, at every write, would take most of the time. */
	override check(ledger: Ledger): void {
		this.checkRecords(ledger);
		this.checkPools();
		const ids = [...this.accounts.keys()];
		this.#turn += 1;
		const id = ids[this.#turn % ids.length];
		if (id !== undefined) this.checkAccount(ledger, id);
	}

	/** Credit comes from others too: {@link checkUnits} looks at all of it. */
	protected override checkBought(): void {}

	/** Every unit that was bought or given by the house is held by somebody, on its way as a gift, or gone for one of four reasons. */
	checkUnits(): void {
		const { held, rated } = this.#read();
		for (const unit of UNITS) {
			const total = (reasons: readonly string[]) =>
				reasons.reduce((sum, reason) => sum + (this.#sums.get(`${unit} ${reason}`) ?? 0), 0);
			if (total(['topup']) !== this.#bought[unit]) {
				throw new Violation(`${this.#bought[unit]} ${unit}s were bought, ${total(['topup'])} are in the books`);
			}
			const came = this.#bought[unit] + total(GIVEN_BY_THE_HOUSE);
			const gone = total(GONE);
			const left = held.get(unit) ?? 0;
			if (came !== gone + left) throw new Violation(`${came} ${unit}s came, ${gone} have gone, ${left} are there`);
			for (const [from, to] of [
				['lent', 'drawn'],
				['returned', 'regained'],
				['given', 'received'],
			] as const) {
				if (total([from]) !== total([to]))
					throw new Violation(`${unit}: ${from} ${total([from])}, ${to} ${total([to])}`);
			}
		}
		this.#checkPrices(rated.all());
	}

	/** What each session has cost is its tariff's price of all that it used, rounded once, however often it was charged. */
	#checkPrices(rows: readonly RatedRow[]): void {
		let cost = 0;
		for (const row of this.#ratedTogether(rows)) {
			cost += row.cost;
			const charged = row.amount - row.free;
			const billed =
				charged <= 0 ? 0 : Math.max(row.first, row.first + Math.ceil((charged - row.first) / row.step) * row.step);
			const price = Math.ceil((billed * row.price_micro) / row.per);
			if (price !== row.cost) throw new Violation(`${row.session} cost ${row.cost} for ${row.amount}, not ${price}`);
		}
		const paid = this.#sums.get('micro used') ?? 0;
		if (cost !== paid) throw new Violation(`sessions cost ${cost} micro, wallets paid ${paid}`);
	}

	/** A station that stays attached has several records, and one price. */
	#ratedTogether(rows: readonly RatedRow[]): RatedRow[] {
		const sums = new Map<string, RatedRow>();
		for (const row of rows) {
			const key = `${this.sessions.get(row.session)?.records[0] ?? row.session} ${row.number}`;
			const { amount = 0, cost = 0 } = sums.get(key) ?? {};
			sums.set(key, { ...row, amount: row.amount + amount, cost: row.cost + cost });
		}
		return [...sums.values()];
	}

	#sum(id: AccountId, unit: Unit, reason: string): number {
		return this.#sums.get(`${id} ${unit} ${reason}`) ?? 0;
	}

	/** Takes in the transfers that are new. */
	#read(): Statements {
		this.#statements ??= statementsOf(new Database(this.#path, { readonly: true }));
		for (const { sequence, account, unit, reason, amount } of this.#statements.transfers.all(this.#sequence)) {
			this.#sequence = sequence;
			for (const key of [`${unit} ${reason}`, `${account} ${unit} ${reason}`]) {
				this.#sums.set(key, (this.#sums.get(key) ?? 0) + amount);
			}
		}
		return this.#statements;
	}
}

type Statements = ReturnType<typeof statementsOf>;

function statementsOf(database: Database.Database) {
	return {
		database,
		transfers: database.prepare<[number], TransferRow>(
			`SELECT transfer.sequence, account.id AS account, unit, reason, amount FROM transfer
			JOIN account ON account.number = transfer.account
			WHERE sequence > ? AND kind IN ('transfer', 'post') ORDER BY sequence`,
		),
		held: database
			.prepare<[Unit], number>(
				`SELECT coalesce(sum(credits_posted - debits_posted), 0) FROM balance
				WHERE unit = ? AND (account IS NOT NULL OR house IN ('gifts', 'transit'))`,
			)
			.pluck(),
		rated: database.prepare<[], RatedRow>(
			`SELECT session.id AS session, item.amount, item.cost, tariff.* FROM item JOIN tariff ON tariff.number = item.source
			JOIN session ON session.number = item.session WHERE item.reason = 'rated'`,
		),
	};
}
