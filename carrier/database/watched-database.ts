import type { Clock } from '../clock.ts';
import type { Database, Queryable, TransactionOptions } from './database.ts';
import { natureOf, sqlStateOf, sqlStateText } from './sqlstates.ts';

/** What was last seen of the database. */
export type DatabaseSight = {
	/** Wall clock; undefined: it has never answered. */
	readonly answeredAtMs: number | undefined;
	/** The last error that was not about what was asked, in words of a standard; undefined: it has answered since. */
	readonly fault: string | undefined;
};

/** The same database, that remembers when it last answered and what was wrong last. */
export class WatchedDatabase implements Database {
	readonly kind: Database['kind'];
	readonly #database: Database;
	readonly #clock: Clock;
	#answeredAtMs: number | undefined;
	#fault: string | undefined;

	constructor(database: Database, clock: Clock) {
		this.kind = database.kind;
		this.#database = database;
		this.#clock = clock;
	}

	get sight(): DatabaseSight {
		return { answeredAtMs: this.#answeredAtMs, fault: this.#fault };
	}

	async query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]> {
		return await this.#seen(this.#database.query<Row>(text, values));
	}

	async transaction<Answer>(work: (tx: Queryable) => Promise<Answer>, options?: TransactionOptions): Promise<Answer> {
		return await this.#seen(this.#database.transaction(work, options));
	}

	async script(text: string): Promise<void> {
		await this.#seen(this.#database.script(text));
	}

	async close(): Promise<void> {
		await this.#database.close();
	}

	async #seen<Answer>(asked: Promise<Answer>): Promise<Answer> {
		try {
			const answer = await asked;
			this.#answered();
			return answer;
		} catch (error) {
			const nature = natureOf(error);
			if (nature === 'ours') this.#answered();
			else if (nature !== undefined) this.#fault = sqlStateText(sqlStateOf(error) as string);
			throw error;
		}
	}

	#answered(): void {
		this.#answeredAtMs = this.#clock.wallMs();
		this.#fault = undefined;
	}
}
