import type Database from 'better-sqlite3';

/** One thing that is always true of the books. */
export type Invariant = {
	/** Stable: people and programs look for it. */
	readonly name: string;
	/** The sentence that is true. */
	readonly holds: string;
	/** What is wrong, naming the first row that is; undefined when it holds. */
	readonly broken: (database: Database.Database) => string | undefined;
};

/** An invariant whose query lists what is wrong. */
export function none(name: string, holds: string, sql: string): Invariant {
	return { name, holds, broken: (database) => database.prepare(sql).pluck().get() as string | undefined };
}
