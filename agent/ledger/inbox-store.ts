import type Database from 'better-sqlite3';
import type { Once, PolicyAudience, StoredPolicy } from './carrier.ts';

/** Replies that are kept: months of commands to one access point; 200 bytes each. */
export const INBOX_MAX = 10_000;

/** The tables `inbox` and `carrier_policy`. Only inside of a transaction of its caller. */
export class InboxStore {
	readonly #reply: Database.Statement<[string], string>;
	readonly #floor: Database.Statement<[], number>;
	readonly #add: Database.Statement<[string, number, string]>;
	readonly #count: Database.Statement<[], number>;
	readonly #oldest: Database.Statement<[number], number>;
	readonly #delete: Database.Statement<[number]>;
	readonly #raise: Database.Statement<[number]>;
	readonly #policy: Database.Statement<[PolicyAudience], StoredPolicy>;
	readonly #setPolicy: Database.Statement<[PolicyAudience, number, string]>;

	constructor(database: Database.Database) {
		this.#reply = database.prepare<[string], string>('SELECT reply FROM inbox WHERE id = ?').pluck();
		this.#floor = database.prepare<[], number>('SELECT inbox_floor FROM outbox').pluck();
		this.#add = database.prepare('INSERT INTO inbox VALUES (?, ?, ?)');
		this.#count = database.prepare<[], number>('SELECT count(*) FROM inbox').pluck();
		this.#oldest = database
			.prepare<[number], number>('SELECT sequence FROM inbox ORDER BY sequence LIMIT 1 OFFSET ?')
			.pluck();
		this.#delete = database.prepare('DELETE FROM inbox WHERE sequence <= ?');
		this.#raise = database.prepare('UPDATE outbox SET inbox_floor = max(inbox_floor, ?)');
		this.#policy = database.prepare('SELECT version, body FROM carrier_policy WHERE audience = ?');
		this.#setPolicy = database.prepare('INSERT OR REPLACE INTO carrier_policy VALUES (?, ?, ?)');
	}

	replied(id: string): string | undefined {
		return this.#reply.get(id);
	}

	/** A sequence that is not above the floor was done once, or never will be. */
	once({ id, sequence }: { id: string; sequence: number }, work: () => string): Once {
		const found = this.#reply.get(id);
		if (found !== undefined) return { answer: 'repeated', reply: found };
		if (sequence <= (this.#floor.get() ?? 0)) return { answer: 'replayed' };
		const reply = work();
		this.#add.run(id, sequence, reply);
		this.#prune();
		return { answer: 'done', reply };
	}

	policy(audience: PolicyAudience): StoredPolicy | undefined {
		return this.#policy.get(audience);
	}

	setPolicy(audience: PolicyAudience, { version, body }: StoredPolicy): void {
		this.#setPolicy.run(audience, version, body);
	}

	#prune(): void {
		const tooMany = (this.#count.get() ?? 0) - INBOX_MAX;
		if (tooMany <= 0) return;
		const floor = this.#oldest.get(tooMany - 1) ?? 0;
		this.#delete.run(floor);
		this.#raise.run(floor);
	}
}
