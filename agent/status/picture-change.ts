import {
	type RowChange,
	type RowChanges,
	STATUS_PART_NAMES,
	type StatusDelta,
	type StatusPicture,
} from './snapshot.ts';

type Keyed<Key extends string> = { readonly [Name in Key]: string };

/**
 * What a reader of the picture before needs in order to have the one after.
 * Rows that are the same object are taken as unchanged without a look inside.
 */
export function pictureChange(
	before: StatusPicture,
	after: StatusPicture,
	head: { sequence: number; atMs: number },
): StatusDelta {
	const delta: StatusDelta = { watch: 'delta', ...head };
	for (const name of STATUS_PART_NAMES) {
		if (before[name] !== after[name] && JSON.stringify(before[name]) !== JSON.stringify(after[name])) {
			Object.assign(delta, { [name]: after[name] });
		}
	}
	const stations = rowChanges('mac', before.stations, after.stations);
	const accounts = rowChanges('account', before.accounts, after.accounts);
	const newest = before.transfers[0]?.sequence ?? 0;
	const transfers = after.transfers.filter(({ sequence }) => sequence > newest);
	if (stations) delta.stations = stations as NonNullable<StatusDelta['stations']>;
	if (accounts) delta.accounts = accounts as NonNullable<StatusDelta['accounts']>;
	if (transfers.length > 0) delta.transfers = transfers;
	return delta;
}

/** Undefined: all are as they were. */
function rowChanges<Key extends string, Row extends Keyed<Key>>(
	key: Key,
	before: readonly Row[],
	after: readonly Row[],
): RowChanges<Row, string> | undefined {
	if (before === after) return undefined;
	const aligned = alignedChanges(key, before, after);
	if (aligned) return aligned.length > 0 ? { set: aligned } : undefined;
	const known = new Map<string, Row>();
	for (const row of before) known.set(row[key], row);
	const set: RowChange<Row>[] = [];
	for (const row of after) {
		const old = known.get(row[key]);
		known.delete(row[key]);
		if (old === row) continue;
		const change = old === undefined ? (row as RowChange<Row>) : rowChange(key, old, row);
		if (change) set.push(change);
	}
	if (set.length === 0 && known.size === 0) return undefined;
	return { ...(set.length > 0 ? { set } : {}), ...(known.size > 0 ? { gone: [...known.keys()] } : {}) };
}

/**
 * The changes if the rows are the same in the same order, as from one second to the next: then rows that did not change are
 * not even looked into.
 */
function alignedChanges<Key extends string, Row extends Keyed<Key>>(
	key: Key,
	before: readonly Row[],
	after: readonly Row[],
): RowChange<Row>[] | undefined {
	if (before.length !== after.length) return undefined;
	const set: RowChange<Row>[] = [];
	for (let index = 0; index < after.length; index++) {
		const [old, row] = [before[index] as Row, after[index] as Row];
		if (old === row) continue;
		if (old[key] !== row[key]) return undefined;
		const change = rowChange(key, old, row);
		if (change) set.push(change);
	}
	return set;
}

function rowChange<Key extends string, Row extends Keyed<Key>>(
	key: Key,
	old: Row,
	row: Row,
): RowChange<Row> | undefined {
	const change: Record<string, unknown> = {};
	let differs = false;
	for (const field of new Set([...Object.keys(old), ...Object.keys(row)]) as Set<keyof Row & string>) {
		const [was, is] = [old[field], row[field]];
		if (was === is) continue;
		if (typeof is === 'object' && typeof was === 'object' && JSON.stringify(was) === JSON.stringify(is)) continue;
		change[field] = is ?? null;
		differs = true;
	}
	return differs ? ({ [key]: row[key], ...change } as RowChange<Row>) : undefined;
}
