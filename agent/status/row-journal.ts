import type { RowChange, RowChanges } from './snapshot.ts';

/** Rows that came, changed or went, until somebody takes it. */
export class RowJournal<Key extends string, Row extends { readonly [Name in Key]: string }> {
	readonly #key: Key;
	#set: RowChange<Row>[] = [];
	#gone: Row[Key][] = [];

	/** @param key the field that names a row */
	constructor(key: Key) {
		this.#key = key;
	}

	/** @param before what readers have; undefined: nothing */
	note(before: Row | undefined, after: Row): void {
		const change = before === undefined ? (after as RowChange<Row>) : rowChange(this.#key, before, after);
		if (change) this.#set.push(change);
	}

	gone(name: Row[Key]): void {
		this.#gone.push(name);
	}

	/** Undefined: all are as they were. */
	take(): RowChanges<Row, Row[Key]> | undefined {
		const set = this.#set;
		const gone = this.#gone;
		this.#set = [];
		this.#gone = [];
		if (set.length === 0 && gone.length === 0) return undefined;
		return { ...(set.length > 0 ? { set } : {}), ...(gone.length > 0 ? { gone } : {}) };
	}
}

/** The key and what differs. Undefined: nothing does. */
function rowChange<Key extends string, Row extends { readonly [Name in Key]: string }>(
	key: Key,
	old: Row,
	row: Row,
): RowChange<Row> | undefined {
	const change: Record<string, unknown> = {};
	let differs = false;
	for (const field of new Set([...Object.keys(old), ...Object.keys(row)]) as Set<keyof Row & string>) {
		const was = old[field];
		const is = row[field];
		if (was === is) continue;
		if (typeof is === 'object' && typeof was === 'object' && JSON.stringify(was) === JSON.stringify(is)) continue;
		change[field] = is ?? null;
		differs = true;
	}
	return differs ? ({ [key]: row[key], ...change } as RowChange<Row>) : undefined;
}
