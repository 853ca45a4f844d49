import type { StationRow } from '../../agent/status/protocol.ts';
import type {
	AccountBalance,
	RowChange,
	RowChanges,
	StatusDelta,
	StatusParts,
	StatusSnapshot,
	TransferRow,
} from '../../agent/status/snapshot.ts';
import { MOVED_FIELDS, STATUS_PART_NAMES, TRANSFERS_MAX } from '../../agent/status/snapshot.ts';

/**
 * All that is known of the agent: the snapshot with every delta since. Rows and parts that did not change stay the same
 * objects; the maps are changed in place.
 */
export type StatusModel = StatusParts & {
	sequence: number;
	/** The agent's wall clock. */
	atMs: number;
	/** By MAC address, in the agent's order. */
	stations: Map<string, StationRow>;
	/** By account id. */
	accounts: Map<string, AccountBalance>;
	/** Newest first. */
	transfers: readonly TransferRow[];
	/** Of each meter, the station that has it. */
	meters: Map<number, string>;
};

export function modelOf(snapshot: StatusSnapshot): StatusModel {
	const { watch: _watch, version: _version, stations, accounts, ...rest } = snapshot;
	return {
		...rest,
		stations: new Map(stations.map((row) => [row.mac, row])),
		meters: new Map(stations.flatMap(({ meter, mac }) => (meter === undefined ? [] : [[meter, mac]]))),
		accounts: new Map(accounts.map((row) => [row.account, row])),
	};
}

/** Takes a delta into the model. False: it is not the one that follows, and the model is no longer to be trusted. */
export function applyDelta(model: StatusModel, delta: StatusDelta): boolean {
	if (delta.sequence !== model.sequence + 1) return false;
	model.sequence = delta.sequence;
	model.atMs = delta.atMs;
	for (const name of STATUS_PART_NAMES) {
		if (name in delta) Object.assign(model, { [name]: delta[name] });
	}
	applyRows(model.stations, delta.stations, 'mac');
	applyRows(model.accounts, delta.accounts, 'account');
	for (const { meter, mac } of delta.stations?.set ?? []) if (meter && mac) model.meters.set(meter, mac);
	applyMoved(model, delta.stations?.moved ?? []);
	if (delta.transfers) model.transfers = [...delta.transfers, ...model.transfers].slice(0, TRANSFERS_MAX);
	return true;
}

/** Traffic of stations, and with it what is left of their accounts. A meter that has gone to another station was set before. */
function applyMoved({ stations, accounts, meters }: StatusModel, moved: readonly number[]): void {
	for (let at = 0; at + MOVED_FIELDS.length <= moved.length; at += MOVED_FIELDS.length) {
		const entry = moved.slice(at, at + MOVED_FIELDS.length) as [number, number, number, number, number, number];
		const [meter, upBytes, downBytes, upBytesPerSecond, downBytesPerSecond, amount] = entry;
		const row = stations.get(meters.get(meter) ?? '');
		if (row?.meter !== meter) continue;
		const { remaining, account = '' } = row;
		const figures = { upBytes, downBytes, upBytesPerSecond, downBytesPerSecond };
		stations.set(row.mac, { ...row, ...figures, ...(remaining ? { remaining: { ...remaining, amount } } : {}) });
		const balance = accounts.get(account);
		if (balance && remaining) accounts.set(account, { ...balance, [remaining.unit]: amount });
	}
}

function applyRows<Row extends object, Key extends keyof Row & string>(
	rows: Map<string, Row>,
	changes: RowChanges<Row, Row[Key] & string> | undefined,
	key: Key,
): void {
	for (const change of changes?.set ?? []) {
		const name = String(change[key]);
		rows.set(name, changedRow(rows.get(name), change));
	}
	for (const name of changes?.gone ?? []) rows.delete(name);
}

function changedRow<Row extends object>(row: Row | undefined, change: RowChange<Row>): Row {
	const changed = { ...row, ...change } as Record<string, unknown>;
	for (const field of Object.keys(change)) if (changed[field] === null) delete changed[field];
	return changed as Row;
}
