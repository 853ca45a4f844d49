import type Database from 'better-sqlite3';
import type { WallMs } from '../core/units.ts';
import type { Answer } from './answer.ts';

/** A plan as it would stand in the configuration; the ledger keeps it and does not read it. */
export type PlanEntry = Readonly<Record<string, unknown>>;

export type AddedPlan = { readonly name: string; readonly entry: PlanEntry };

/** The table `added_plan`. What was bought of a plan has terms of its own, so nothing refers to it. */
export class PlanStore {
	readonly #all: Database.Statement<[], { name: string; plan: string }>;
	readonly #find: Database.Statement<[string], string>;
	readonly #add: Database.Statement<[string, string, number]>;
	readonly #remove: Database.Statement<[string]>;

	constructor(database: Database.Database) {
		this.#all = database.prepare('SELECT name, plan FROM added_plan ORDER BY added_wall_ms, name');
		this.#find = database.prepare<[string], string>('SELECT plan FROM added_plan WHERE name = ?').pluck();
		this.#add = database.prepare('INSERT INTO added_plan VALUES (?, ?, ?)');
		this.#remove = database.prepare('DELETE FROM added_plan WHERE name = ?');
	}

	/** Oldest first. */
	all(): AddedPlan[] {
		return this.#all.all().map(({ name, plan }) => ({ name, entry: JSON.parse(plan) as PlanEntry }));
	}

	/** → created, exists, exists_with_different_values. */
	add({ name, entry }: AddedPlan, wallMs: WallMs): Answer {
		const plan = canonical(entry);
		const known = this.#find.get(name);
		if (known !== undefined) return known === plan ? 'exists' : 'exists_with_different_values';
		this.#add.run(name, plan, wallMs);
		return 'created';
	}

	/** → changed, not_found. */
	remove(name: string): Answer {
		return this.#remove.run(name).changes > 0 ? 'changed' : 'not_found';
	}
}

/** Equal for equal plans: the order of the keys in a file means nothing. */
function canonical(entry: PlanEntry): string {
	return JSON.stringify(
		Object.fromEntries(
			Object.keys(entry)
				.toSorted()
				.map((key) => [key, entry[key]]),
		),
	);
}
