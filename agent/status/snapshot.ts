import type { AccountId, MacAddress, Unit } from '../core/units.ts';
import type { AgentStatus, PlanRow, StationRow } from './protocol.ts';

/**
 * What `watch` streams: one snapshot, then deltas. `docs/status-protocol.md` describes it, `docs/status-stream.schema.json`
 * is its schema. A reader that meets a version it does not know closes.
 */
export const STREAM_VERSION = 2;

/** How the agent itself is. */
export type AgentHealth = {
	/** Octroi's own version. */
	version: string;
	processId: number;
	startedAtMs: number;
	upSeconds: number;
	devices: { metered: readonly string[]; free: readonly string[] };
	/** The life of the kernel table that is being metered. */
	epoch: string;
	/** Of one core, since the delta before. */
	cpuPercent: number;
	residentBytes: number;
	/** How late the last timer was served: what an event of the kernel may have waited. */
	lagMs: number;
	sample: { count: number; lastDurationMs: number; longestDurationMs: number; lastCpuMs: number };
	/** Readers of this stream, and how many were dropped because they did not read. */
	readers: number;
	readersDropped: number;
};

/** A grant: what the kernel may spend of a package without asking. */
export type GrantRow = { id: string; unit: Unit; amount: number; plan: string; sinceMs: number };

/** What an account has left. Bytes that the kernel has counted and the ledger has not are taken off. */
export type AccountBalance = {
	account: AccountId;
	blocked: boolean;
	/** All that is left, granted or not. */
	byte: number;
	second: number;
	/** What the packages that still hold something held when they were bought: the length of a bar. */
	byteBought: number;
	secondBought: number;
	/** How many stations spend from it now. */
	stations: number;
	/** Open ones. */
	grants: readonly GrantRow[];
};

/** A transfer of any account. Reservations and their release, which move nothing for good, are left out. */
export type TransferRow = {
	sequence: number;
	id: string;
	account: AccountId;
	/** The code of the reason, as in docs/ledger.md, and in words. */
	reason: string;
	text: string;
	unit: Unit;
	amount: number;
	plan?: string;
	atMs: number;
};

/** What was sold since the beginning of the day, by the router's clock and time zone. */
export type Sold = {
	sinceMs: number;
	count: number;
	byte: number;
	second: number;
	plans: readonly { plan: string; unit: Unit; count: number; amount: number }[];
};

/** The way to the internet: the device of the default route. */
export type Uplink = { device: string; up: boolean };

/** The link to the operator's platform. */
export type CarrierLink = { state: 'not_configured' | 'connected' | 'offline'; text: string };

/** Parts that are sent whole when they have changed. */
export type StatusParts = {
	agent: AgentHealth;
	counts: AgentStatus['stations'];
	/** Totals since the agent started. */
	traffic: AgentStatus['traffic'];
	sold: Sold;
	plans: readonly PlanRow[];
	/** What the operator should know now, one sentence each. */
	warnings: readonly string[];
	/** Null: there is no default route. */
	uplink: Uplink | null;
	carrier: CarrierLink;
	/** What the router's display shows so that a guest can pair a device. Null: nothing. */
	pairing: { code: string } | null;
};

/** All that a display shows, at one moment. */
export type StatusPicture = StatusParts & {
	/** By MAC address. */
	stations: readonly StationRow[];
	accounts: readonly AccountBalance[];
	/** Newest first, at most {@link TRANSFERS_MAX}. */
	transfers: readonly TransferRow[];
};

export type StatusSnapshot = StatusPicture & {
	watch: 'snapshot';
	version: typeof STREAM_VERSION;
	/** The delta that follows has this number plus one. */
	sequence: number;
	/** Wall clock. */
	atMs: number;
};

/** A row that came or changed: its key, and the fields that differ. `null` removes a field. */
export type RowChange<Row> = { [Field in keyof Row]?: Row[Field] | null };

export type RowChanges<Row, Key> = {
	/** New rows are complete, changed ones hold their key and what differs. */
	set?: readonly RowChange<Row>[];
	/** Keys of rows that are no more. */
	gone?: readonly Key[];
};

/**
 * What one entry of `moved` says of a station that spends, all whole numbers: its meter, its traffic, and what its account has
 * left now, in the unit of the row's `remaining`.
 */
export const MOVED_FIELDS = [
	'meter',
	'upBytes',
	'downBytes',
	'upBytesPerSecond',
	'downBytesPerSecond',
	'remaining',
] as const;

export type StationChanges = RowChanges<StationRow, MacAddress> & {
	/** One entry after the other, each of as many numbers as {@link MOVED_FIELDS}. Taken after `set` and `gone`. */
	moved?: readonly number[];
};

/** Rows that came, changed or went since the picture before. */
export type TableChanges = {
	stations?: StationChanges;
	/** What is left of an account whose stations are in `moved` stands there only. */
	accounts?: RowChanges<AccountBalance, AccountId>;
};

/** What is not there has not changed. */
export type StatusDelta = Partial<StatusParts> &
	TableChanges & {
		watch: 'delta';
		sequence: number;
		atMs: number;
		/** New ones, newest first: put in front of those before, which are then cut to {@link TRANSFERS_MAX}. */
		transfers?: readonly TransferRow[];
	};

export type StatusEvent = StatusSnapshot | StatusDelta;

/** Fills the tallest screen. */
export const TRANSFERS_MAX = 64;

export const STATUS_PART_NAMES = [
	'agent',
	'counts',
	'traffic',
	'sold',
	'plans',
	'warnings',
	'uplink',
	'carrier',
	'pairing',
] as const satisfies (keyof StatusParts)[];
