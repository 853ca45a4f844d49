import type { Pairing } from '../accounts/device-pairing.ts';
import type { Entry } from '../accounts/redemption.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import type { AccountId, MacAddress, Unit, UsageUnit } from '../core/units.ts';
import type { Alert } from '../ledger/alert-store.ts';
import type { Answer } from '../ledger/answer.ts';
import type { Member } from '../ledger/group-store.ts';
import type { HistoryEntry } from '../ledger/history.ts';
import type { Pace, PackageKind } from '../ledger/package.ts';
import type {
	ExplainedItem,
	ExplainedRecord,
	Explanation,
	Purchase,
	Receipt,
	UsageRecord,
} from '../ledger/record-reader.ts';
import type { RenewalInfo } from '../ledger/renewal-store.ts';
import type { VerifyReport } from '../ledger/verify.ts';
import type { Batch, FoundCode, Gift, Voucher } from '../ledger/voucher.ts';
import type { StationState } from '../session/station-state.ts';

/**
 * The status protocol: newline-delimited JSON on a Unix socket. The server speaks first, with {@link HELLO};
 * after that each request is answered by one line with the same id, in the order of arrival.
 */
export const PROTOCOL_VERSION = 1;

/** The server's first line. A client that does not know the version must not send anything. */
export const HELLO = { octroi: 'status', version: PROTOCOL_VERSION } as const;

export type Request = { id: number | string; command: string; arguments?: Record<string, unknown> };

/** `id` is null when the request was so broken that it had none. */
export type Response =
	| { id: number | string | null; result: unknown }
	| { id: number | string | null; error: { code: ErrorCode; message: string; fix?: string } };

export type { StationState };

/** In the order in which they are shown; `docs/cli.md` explains each. */
export const STATION_STATES = [
	'unknown',
	'walled',
	'active',
	'throttled',
	'blocked',
	'gone',
] as const satisfies StationState[];

export type AgentStatus = {
	/** Octroi's own version. */
	version: string;
	processId: number;
	/** Wall clock, for people. */
	startedAtMs: number;
	upSeconds: number;
	devices: { metered: readonly string[]; free: readonly string[] };
	powerLoss: 'customer' | 'venue';
	database: string;
	/** The life of the kernel table that is being metered. */
	epoch: string;
	stations: Record<StationState, number>;
	accounts: number;
	/** Since the agent started. */
	traffic: { upBytes: number; downBytes: number; upBytesPerSecond: number; downBytesPerSecond: number };
	sample: { count: number; lastDurationMs: number; longestDurationMs: number };
	/** New flows since the agent started; absent: they are not judged. */
	flows?: {
		/** By which means the kernel hands them over; `none`: it cannot, and all are own. */
		queue: 'native' | 'xtables' | 'none';
		own: number;
		tethered: number;
		/** Too many of one station: not looked at. */
		shed: number;
		/** Found no room in the queue, or no reader: own. */
		passed: number;
	};
	/** What the operator should know now, one sentence each. */
	warnings: readonly string[];
};

export type StationRow = {
	mac: MacAddress;
	/** The name that the station gave itself by DHCP: never trusted. */
	name?: string;
	addresses: readonly string[];
	device: string;
	state: StationState;
	/** Why the state is what it is, a short sentence. */
	reason: string;
	account?: AccountId;
	meter?: number;
	session?: string;
	upBytes: number;
	downBytes: number;
	upBytesPerSecond: number;
	downBytesPerSecond: number;
	/** What its zero-rated flows moved in this session: not in the figures above, and never charged. Absent while it is nothing. */
	zeroRated?: { upBytes: number; downBytes: number };
	/** What its own flows may have now, beside those of devices behind it. Absent: all that the account has. */
	own?: 'slowed' | 'blocked';
	/** How much of the figures above was of devices behind it, and what such flows may have now. Absent while it is nothing. */
	tethered?: { upBytes: number; downBytes: number; state: 'allowed' | 'slowed' | 'blocked' };
	remaining?: { unit: Unit; amount: number };
};

/** One observation that speaks for or against tethering, for people. */
export type EvidenceRow = {
	/** Positive: for. */
	weight: number;
	text: string;
	/** How often. */
	seen: number;
	/** Milliseconds since it was seen last. */
	agoMs: number;
};

export type StationDetail = StationRow & {
	tethering: {
		/** Whether its flows get a class; else this only says what was heard. */
		isJudged: boolean;
		score: number;
		isTethering: boolean;
		pinned?: 'own' | 'tethered';
		evidence: readonly EvidenceRow[];
	};
};

export type BalanceOf = { available: number; reserved: number };

export type RenewalRow = RenewalInfo & {
	/** While no date is known: how long until the next cycle. */
	nextInSeconds?: number;
};

export type PackageRow = {
	id: string;
	plan: string;
	unit: Unit;
	amount: number;
	remaining: number;
	reserved: number;
	/** Milliseconds since the Unix epoch. Absent: it does not expire, or no date is known. */
	expiresAt?: number;
	/** While no date is known: how long it is valid yet. */
	leftSeconds?: number;
	/** How it came. */
	kind: PackageKind;
	pace?: Pace;
	stationsMax?: number;
	renews?: true;
	/** The group whose package this share draws from. */
	group?: AccountId;
	/** By which money is spent. */
	tariff?: string;
};

export type AccountRow = {
	account: AccountId;
	/** `new` has never bought anything; `empty` has nothing left. */
	state: 'new' | 'funded' | 'empty' | 'blocked';
	blocked: boolean;
	/** `micro`: the wallet. */
	balance: { byte: BalanceOf; second: BalanceOf; micro: BalanceOf };
	/** What its stations have had of the reserve and the ledger has not charged yet: the next charge takes it off. */
	unsettled: { byte: number; second: number };
	stations: readonly MacAddress[];
};

export type AccountDetail = AccountRow & {
	packages: readonly PackageRow[];
	/** The tariff by which its wallet is spent, and what that has cost. */
	tariff?: string;
	spentMicro: number;
	/** What is left of the allowance after the end. */
	grace?: { unit: UsageUnit; remaining: number };
	/** What its stations could still use now: packages, groups and wallet together. */
	usable: { byte: number; second: number };
	stationsMax?: number;
	/** The groups that it is a member of. */
	groups: readonly AccountId[];
	/** Its members, if it is a group. */
	members: readonly Member[];
	alerts: readonly Alert[];
	renewals: readonly RenewalRow[];
	/** Shown with amounts of money; may be empty. */
	currency: string;
};

export type { ExplainedItem, ExplainedRecord, Explanation, Member, Purchase, Receipt, UsageRecord };

/** Where a plan stands. Under one name the carrier's is sold, then the added one. */
export type PlanSource = 'config' | 'added' | 'carrier';

export type OfferedPlan = PlanRow & { from: PlanSource };

export type PlanRow = {
	name: string;
	title: string;
	unit: Unit;
	amount: number;
	/** For which the portal sells it from the wallet. */
	priceMicro?: number;
	validForSeconds?: number;
	validFrom?: 'first_use';
	atEnd: 'block' | 'throttle';
	throttleBytesPerSecond?: number;
	grace?: { unit: UsageUnit; amount: number };
	pace?: Pace;
	stationsMax?: number;
	renews?: true;
	addOn?: true;
	/** Of a plan of money. Prices are micro for `per` bytes or seconds. */
	tariff?: {
		name: string;
		unit: UsageUnit;
		priceMicro: number;
		per: number;
		free: number;
		first: number;
		step: number;
	};
};

/** The line to the carrier. */
export type CarrierStatus =
	| { configured: false }
	| {
			configured: true;
			url: string;
			accessPoint: string;
			connected: boolean;
			/** Why not, for people. */
			fault?: string;
			/** What the broker says of our usage while it does not take it, though we are connected. */
			usageRefused?: string;
			offlineSeconds: number;
			/** Connections that were tried since the start. */
			attempts: number;
			/** This life of the outbox, its newest batch, and the newest one that the platform has. */
			stream: string;
			sealed: number;
			acknowledged: number;
			acknowledgedSecondsAgo?: number;
			/** What waits: batches that are not acknowledged; sessions and events that are in no batch yet. */
			backlog: { batches: number; sessions: number; events: number };
			eventsDropped: number;
			/** How often batches had to be sent again. */
			resent: number;
			/** How often the outbox could not be written. */
			unwritten: number;
			/** Of the policy in force; 0: none came yet. */
			policyVersion: number;
			/** Names of the platform's keys that are believed. */
			keys: readonly string[];
			/** Messages that were refused since the start, by reason. */
			refused: Readonly<Record<string, number>>;
			/** Good messages that were not done, by the code of the reply. */
			notDone: Readonly<Record<string, number>>;
			/** What was wrong with the line, by what it was: each connection that was lost or not made, a certificate that expired, a restored database. */
			faults: Readonly<Record<string, number>>;
			/** Until when the client certificate is valid. */
			certificateEndMs?: number;
	  };

/** One immutable transfer, newest first. */
export type HistoryRow = HistoryEntry;
export type { VerifyReport };

/** How an operation that may be asked twice was answered; what was refused is an error instead. */
export type Done = { answer: Extract<Answer, 'created' | 'changed' | 'exists'> };

/** One printed code. It is in the answer that made it, and never again. */
export type PrintedRow = { serial: number; role: VoucherRow['role']; code: string };
export type BatchRow = Batch;
export type VoucherRow = Voucher;
export type FoundRow = FoundCode;
export type GiftRow = Gift & {
	/** While no date is known: how long it is offered yet. */
	leftSeconds?: number;
};
export type PairingRow = Pairing;
/** A code that was redeemed, now (`redeemed`) or before (`returned`). `replaced`: stations that had to leave for the new one. */
export type EntryRow = Extract<Entry, { answer: 'redeemed' | 'returned' }>;
/** The answer to `watch`. `version` is of the stream that follows, `intervalMs` the time between its deltas. */
export type Watching = { version: number; intervalMs: number };

/** A part of a pcap file; the parts one after the other are the whole file. */
export type CapturePart = {
	readonly capture: string;
	/** Base64. */
	readonly data: string;
	readonly done: boolean;
	readonly frames: number;
	/** Frames that are not in the file: it is full, or nobody fetched them in time. */
	readonly missed: number;
	/** How often frames came faster than they can be kept, and some passed uncounted. */
	readonly floods: number;
};
