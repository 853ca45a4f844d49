import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import type { Unit } from '../core/units.ts';
import type { Epoch, Moment } from './moment.ts';
import type { Reason } from './reason.ts';
import type { House } from './schema.ts';

export type NewTransfer = {
	readonly kind: 'transfer' | 'pending' | 'post' | 'void';
	readonly reason: Reason;
	readonly unit: Unit;
	readonly debit: number;
	readonly credit: number;
	readonly amount: number;
	/** The sequence of the pending transfer that this one resolves. */
	readonly pending?: number;
	readonly session?: number | undefined;
	/** The number of the epoch. */
	readonly epoch?: number | undefined;
	readonly at: Moment;
	/** How many of the bytes were of devices behind a station. Default 0. */
	readonly tethered?: number;
	/** Default: the ledger's own id maker. */
	readonly id?: string;
};

/** The end of an account's chain of transfers, carried through a transaction and stored at its end. */
export type Chain = { readonly account: number; last: number | null };

/** From a balance of one account to a balance of another. */
export type Passage = {
	readonly unit: Unit;
	readonly at: Moment;
	readonly from: { readonly chain: Chain; readonly balance: number; readonly reason: Reason };
	readonly to: { readonly chain: Chain; readonly balance: number; readonly reason: Reason; readonly id?: string };
};

/** Appends transfers. The cached balances follow by triggers. Only inside of a transaction of its caller. */
export class Books {
	readonly #insert: Database.Statement<unknown[]>;
	readonly #newest: Database.Statement<[], number | null>;
	readonly #epoch: Database.Statement<[string], number>;
	readonly #addEpoch: Database.Statement<[string]>;
	readonly #transferIdOf: (sequence: number) => string;
	readonly #houses = new Map<string, number>();
	readonly #epochs = new Map<Epoch, number>();
	#sequence = 0;

	constructor(database: Database.Database, transferIdOf: (sequence: number) => string) {
		this.#transferIdOf = transferIdOf;
		this.#insert = database.prepare('INSERT INTO transfer VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)');
		this.#newest = database.prepare<[], number | null>('SELECT max(sequence) FROM transfer').pluck();
		this.#epoch = database.prepare<[string], number>('SELECT number FROM epoch WHERE name = ?').pluck();
		this.#addEpoch = database.prepare('INSERT INTO epoch (name) VALUES (?)');
		const houses = database.prepare<[], { number: number; unit: string; house: string }>(
			'SELECT number, unit, house FROM balance WHERE house IS NOT NULL',
		);
		for (const { number, unit, house } of houses.all()) this.#houses.set(`${unit} ${house}`, number);
	}

	/** To be called first in each transaction: another process may have written since the last one. */
	begin(): void {
		this.#sequence = this.#newest.get() ?? 0;
		// Not kept from one transaction to the next: the one that wrote the number may have been rolled back.
		this.#epochs.clear();
	}

	house(house: House, unit: Unit): number {
		const number = this.#houses.get(`${unit} ${house}`);
		if (number === undefined) throw new OctroiError('ledger_broken', `the balance ${house} (${unit}) is missing`);
		return number;
	}

	/** The number of an epoch, made on first use. */
	epoch(name: Epoch): number {
		return this.knownEpoch(name) ?? Number(this.#addEpoch.run(name).lastInsertRowid);
	}

	/** The number of an epoch that was used before. */
	knownEpoch(name: Epoch): number | undefined {
		const kept = this.#epochs.get(name);
		if (kept !== undefined) return kept;
		const found = this.#epoch.get(name);
		if (found !== undefined) this.#epochs.set(name, found);
		return found;
	}

	/** Moves credit from one account to another: two transfers, by way of a balance of the house that is empty afterwards. */
	pass(amount: number, { unit, at, from, to }: Passage): void {
		const transit = this.house('transit', unit);
		const both = { kind: 'transfer', unit, amount, at } as const;
		this.append(from.chain, { ...both, reason: from.reason, debit: from.balance, credit: transit });
		const id = to.id === undefined ? {} : { id: to.id };
		this.append(to.chain, { ...both, ...id, reason: to.reason, debit: transit, credit: to.balance });
	}

	/** The id that the ledger would give to the next transfer. */
	nextId(): string {
		return this.#transferIdOf(this.#sequence + 1);
	}

	/** Appends a transfer to its account's chain, whose end the caller stores. Gives its id. */
	append(chain: Chain, t: NewTransfer): string {
		const sequence = ++this.#sequence;
		const id = t.id ?? this.#transferIdOf(sequence);
		this.#insert.run(
			sequence,
			id,
			t.kind,
			t.reason,
			t.unit,
			t.debit,
			t.credit,
			t.amount,
			t.pending ?? null,
			chain.account,
			chain.last,
			t.session ?? null,
			t.epoch ?? null,
			t.at.wallMs,
			t.at.bootMs,
			t.tethered ?? 0,
		);
		chain.last = sequence;
		return id;
	}
}
