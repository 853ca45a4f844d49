import type { AccountId, MacAddress, Unit, WallMs } from '../core/units.ts';
import type { AtEnd } from './account.ts';
import type { Answer } from './answer.ts';
import type { Moment } from './moment.ts';
import type { Pace, TopUpResult } from './package.ts';
import type { Reason } from './reason.ts';
import type { NamedTariff } from './tariff-store.ts';

/** A part of a session's use since its last batch. */
export type UsagePart = {
	readonly account: AccountId;
	readonly session: string;
	readonly class: 'own' | 'tethered' | 'free';
	readonly unit: Unit;
	readonly amount: number;
	/** Of bytes: together the amount. Else 0. */
	readonly upBytes: number;
	readonly downBytes: number;
	readonly reason: Reason;
	readonly paid: boolean;
	/** The id of the slice that paid. */
	readonly slice?: string;
	readonly tariff?: string;
	readonly plan?: string;
	readonly fromWallMs: WallMs;
	readonly toWallMs: WallMs;
};

export type NewCarrierEvent = {
	readonly kind: string;
	readonly account?: AccountId;
	readonly session?: string;
	readonly station?: MacAddress;
	readonly details: Readonly<Record<string, string | number | boolean | null>>;
};
export type CarrierEvent = NewCarrierEvent & { readonly id: string; readonly wallMs: WallMs };

/** What a new batch is made of. */
export type BatchContent = {
	readonly stream: string;
	readonly sequence: number;
	/** The digest of the batch before it. */
	readonly previous?: string;
	readonly parts: readonly UsagePart[];
	readonly events: readonly CarrierEvent[];
};
/** As it is published, to the byte. */
export type SealedBatch = { readonly payload: string; readonly digest: string };
export type Batch = SealedBatch & { readonly sequence: number };

export type OutboxState = {
	readonly stream: string;
	/** The newest batch; 0: none yet. */
	readonly sealed: number;
	readonly acknowledged: number;
	/** Sessions with use that is in no batch yet. */
	readonly sessions: number;
	/** Events that are in no batch yet. */
	readonly events: number;
	/** Events that were dropped because there were too many. */
	readonly eventsDropped: number;
};

/** `old`: it was acknowledged before. `conflict`: this database never made such a batch. */
export type AcknowledgeAnswer = 'acknowledged' | 'old' | 'other_stream' | 'conflict';

/** `done`: just now. `repeated`: before, and this was the reply. `replayed`: too old to tell. */
export type Once = { readonly answer: 'done' | 'repeated'; readonly reply: string } | { readonly answer: 'replayed' };

export type StoredPolicy = { readonly version: number; readonly body: string };
export type PolicyAudience = 'own' | 'all';

/** What of a package may be changed after it was bought. Undefined: as it is. */
export type TermsChange = {
	readonly end?: { readonly atEnd: AtEnd; readonly throttleBytesPerSecond?: number };
	readonly pace?: Pace;
	readonly stationsMax?: number | null;
};

/** What is to be changed of everything that was bought of a plan. */
export type PlanChange = TermsChange & { readonly planName: string };

/** What the platform hands out, with its terms. */
export type NewSlice = {
	readonly id: string;
	readonly account: AccountId;
	readonly amount: number;
	readonly validForSeconds: number;
	readonly throttleBytesPerSecond?: number;
	readonly pace?: Pace;
	/** In force instead of `pace`, until the terms of the account change. */
	readonly paceNow?: Pace;
	readonly at: Moment;
};

export type Slice = { readonly id: string; readonly account: AccountId; readonly remaining: number };
/** `validMs`: as it was given; `leftMs`: of it. Endless while nobody can say, after a restart without a date. */
export type TimedSlice = Slice & { readonly validMs: number; readonly leftMs: number };

/**
 * The books' side of the carrier: what is to be reported, and what was received. Knows records, not how they travel.
 * Methods that write are one transaction each, or part of that of {@link CarrierLedger.once}.
 */
export type CarrierLedger = {
	/** Begins the outbox, if there is none: what is used from now on is reported. */
	begin(newStream: string, at: Moment): void;
	/** @throws OctroiError `not_found` before `begin` */
	state(): OutboxState;
	addEvent(event: NewCarrierEvent, at: Moment): void;
	/**
	 * Makes a batch of what is not in one, oldest sessions first. Events come behind all usage.
	 *
	 * @returns false: there is nothing to report
	 */
	seal(request: {
		at: Moment;
		recordsMax: number;
		eventsMax: number;
		make: (content: BatchContent) => SealedBatch;
	}): boolean;
	/** Batches that are not acknowledged, in order, after a sequence. */
	batches(after: number, limit: number): Batch[];
	/** Deletes what the platform has. */
	acknowledge(ack: { stream: string; sequence: number; digest: string }): AcknowledgeAnswer;
	/**
	 * Begins another stream with everything that is not acknowledged: the database came back from a backup.
	 *
	 * @param remake makes the batch anew, with its new stream, sequence and previous digest
	 */
	restart(
		newStream: string,
		remake: (batch: Batch, content: Omit<BatchContent, 'parts' | 'events'>) => SealedBatch,
	): void;

	/** The reply to a message that was done before. */
	replied(id: string): string | undefined;
	/** Does something once for ever: its effect and the reply are one transaction. What `work` throws undoes both. */
	once(message: { id: string; sequence: number }, work: () => string): Once;

	policy(audience: PolicyAudience): StoredPolicy | undefined;
	/** Keeps a policy, and changes what was bought of its live plans, at once. @returns the accounts that it concerns */
	setPolicy(audience: PolicyAudience, policy: StoredPolicy, plans: readonly PlanChange[]): AccountId[];

	/** Changes the packages of an account that are in use, and what happens at its end. → changed, not_found. */
	changeTerms(account: AccountId, change: TermsChange): Answer;
	/** → changed, exists, not_found */
	setTariff(account: AccountId, tariff: NamedTariff): Answer;

	/** A slice arrives: a package of that id. The account is made if there is none. */
	giveSlice(slice: NewSlice): TopUpResult;
	/**
	 * Takes back what is left of a slice, and reports it. The account's pool must be suspended: nothing of it may be reserved.
	 *
	 * @returns the amount; undefined: there is nothing left of it
	 */
	returnSlice(id: string, reason: 'revoked' | 'expired' | 'detached', at: Moment): number | undefined;
	/** Slices that are not used up, of one account or of all. */
	slices(account?: AccountId): Slice[];
	/** The same, and how long they are valid yet. */
	timedSlices(at: Moment, account?: AccountId): TimedSlice[];
	/** Whether the account was ever spent by slices. */
	livesAtPlatform(account: AccountId): boolean;

	/** Tells the carrier once when an account has nothing left, and once when it has something again. */
	noteCredit(account: AccountId, isOut: boolean, details: NewCarrierEvent['details'], at: Moment): void;
};
