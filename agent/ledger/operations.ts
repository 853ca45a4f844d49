import type { ClockStore } from '../core/trusted-clock.ts';
import type { AccountId, BootMs, MacAddress, Unit, WallMs } from '../core/units.ts';
import type { Account, CreateAccountRequest, End } from './account.ts';
import type { Alert, SetAlertRequest } from './alert-store.ts';
import type { Answer } from './answer.ts';
import type { CarrierLedger } from './carrier.ts';
import type { Funds } from './funds.ts';
import type { JoinGroupRequest, Member } from './group-store.ts';
import type { HistoryEntry, HistoryOptions } from './history.ts';
import type { LostGrant, ResolveLostAccountRequest, ResolveLostRequest } from './lost.ts';
import type { MergeRequest, MergeResult } from './merge-store.ts';
import type { Epoch, Moment } from './moment.ts';
import type { LedgerOverview } from './overview.ts';
import type { Package, TopUpRequest, TopUpResult } from './package.ts';
import type { PermitRequest, TakeRequest, TakeResult } from './permission-store.ts';
import type { PinnedClass } from './pin-store.ts';
import type { AddedPlan } from './plan-store.ts';
import type { Explanation, Receipt, UsageRecord } from './record-reader.ts';
import type { RenewalInfo } from './renewal-store.ts';
import type { OpenSessionRequest, Session } from './session.ts';
import type { SettleRequest, SettleResult } from './settle.ts';
import type { NamedTariff } from './tariff-store.ts';
import type { VerifyReport } from './verify.ts';
import type { CodeLedger } from './voucher.ts';
import type { BuyRequest, BuyResult } from './wallet-purchase.ts';

/**
 * The durable books. Every method that writes is one transaction: when it returns, it is on the disk.
 * When it throws, nothing of it was written, and the same call may be made again.
 *
 * All throw `ledger_unwritable` (disk full, read-only, damaged, locked by another process), `ledger_broken`
 * (an invariant would not hold: stop) and `invalid_value` (a value of the wrong form or range).
 */
export type Ledger = {
	/** → created, exists, exists_with_different_values. */
	createAccount(request: CreateAccountRequest): Answer;
	/** → changed, exists (was so already), not_found. */
	blockAccount(account: AccountId, blocked: boolean): Answer;
	/** Its balances, and what it has used in all of its sessions: so the older an account, the longer this takes. */
	account(account: AccountId): Account | undefined;
	/** Undefined: there is no such account. Takes one row, whatever its history. */
	isBlocked(account: AccountId): boolean | undefined;
	/** By id. With its balances, each: ask {@link accountCount} for how many. */
	accounts(): Account[];
	accountCount(): number;

	/** → created, exists, exists_with_different_values, not_found, nothing_to_extend (an add-on). */
	topUp(request: TopUpRequest): TopUpResult;
	/** A plan paid from the wallet. As {@link topUp}, and too_little. */
	buy(request: BuyRequest): BuyResult;
	/** What is not used up or expired, in spending order: seconds before bytes; soonest expiry first; then oldest. */
	packages(account: AccountId): Package[];
	/** What becomes of the stations when no package is left. Throws `not_found`. */
	endOf(account: AccountId, validityMs?: WallMs | null): End;
	/** The terms by which its wallet is spent now. Throws `not_found`. */
	tariffOf(account: AccountId): NamedTariff | undefined;
	/** What becomes of them when this package is the last one to be used up. Throws `not_found`. */
	endOfPackage(id: string, validityMs?: WallMs | null): End;
	/** What its stations could still use, by what would pay. Throws `not_found`. */
	funds(account: AccountId, at: Moment): Funds;
	/** How long until something of the account, or of its groups, expires or is issued anew: settle then. Null: nothing will. */
	nextChangeMs(account: AccountId, at: Moment): number | null;
	/** When the next package (or the throttle after the last one) expires: settle then. Null: nothing will. */
	nextExpiry(account: AccountId, validityMs?: WallMs | null): WallMs | null;

	/** → created, exists, exists_with_different_values, not_found (the account), meter_in_use. */
	openSession(request: OpenSessionRequest): Answer;
	/** Settle first. → changed, exists (closed already), not_found. */
	closeSession(session: string, reason: string, at: Moment): Answer;
	openSessions(): Session[];
	session(session: string): Session | undefined;

	/** Moves checkpoints, posts what was used, reserves anew. See {@link SettleRequest}. Throws `not_found`, `not_allowed`. */
	settle(request: SettleRequest): SettleResult;
	/** Many accounts (each at most once) in one transaction: all or nothing, one fsync. */
	settleAll(requests: readonly SettleRequest[]): SettleResult[];

	/** Epochs that still have open sessions or grants. Those which are not the kernel's present one are lost. */
	openEpochs(): Epoch[];
	/** The counters of a whole epoch are gone: resolves its grants, closes its sessions. */
	resolveLost(request: ResolveLostRequest): LostGrant[];
	/** The same for one account: settle the meters that can still be read first. */
	resolveLostAccount(request: ResolveLostAccountRequest): LostGrant[];

	/** On the boot clock of that epoch: up to when the unit's usage is charged. Null: never. Throws `not_found`. */
	lastSettled(account: AccountId, unit: Unit, epoch: Epoch): BootMs | null;

	/** What renews. */
	renewals(account: AccountId): RenewalInfo[];
	/** The present cycle runs to its end, and no other begins. → changed, exists, not_found. */
	endRenewal(account: AccountId, id: string): Answer;
	/** Issues the allotments of cycles that have begun, for accounts without stations too. @returns how many */
	issueRenewals(at: Moment): number;

	/** Lets an account spend what a group has, up to its allowance. → created, changed, exists, not_found. Throws `not_allowed`. */
	joinGroup(request: JoinGroupRequest): Answer;
	/** → changed, not_found. */
	leaveGroup(group: AccountId, account: AccountId): Answer;
	members(group: AccountId): Member[];
	/** Whether an account is a member of a group, or has members itself. Throws `not_found`. */
	isInGroup(account: AccountId): boolean;
	/** The groups that an account is a member of. */
	groupsOf(account: AccountId): AccountId[];
	/** A giver's permission to take credit, by a one-time code. → created, exists, exists_with_different_values, not_found. */
	permit(request: PermitRequest): Answer;
	/** Whose permission a code is, taken or not. */
	giverOf(code: string): AccountId | undefined;
	/** Takes what a permission allows. → created, exists, exists_with_different_values, not_found. Throws `not_allowed`. */
	take(request: TakeRequest): TakeResult;
	/** All that an account has becomes another's. → changed, exists (nothing is left), not_found. Throws `not_allowed`. */
	merge(request: MergeRequest): MergeResult;

	/** → created, changed, exists, not_found. Throws `not_allowed` (too many). */
	setAlert(request: SetAlertRequest, at: Moment): Answer;
	/** → changed, not_found. */
	removeAlert(account: AccountId, id: string): Answer;
	/** Somebody has seen it. → changed, exists, not_found. */
	alertSeen(account: AccountId, id: string): Answer;
	alerts(account: AccountId): Alert[];

	/** The usage records of an account, newest first. Throws `not_found`. */
	records(account: AccountId, options?: { readonly limit?: number }): UsageRecord[];
	/** Why an account, or one session, was charged: record → package or tariff → plan → purchase. Throws `not_found`. */
	explain(what: { readonly account: AccountId; readonly limit?: number } | { readonly session: string }): Explanation;
	/** The itemised bill of a session. Throws `not_found`. */
	receipt(session: string): Receipt;
	/** Stations whose new flows are all of one class, by the operator's word. */
	pins(): ReadonlyMap<MacAddress, PinnedClass>;
	/** @throws OctroiError `not_allowed` (too many) */
	pin(mac: MacAddress, as: PinnedClass | undefined): void;
	/** Plans that the operator added at run time, oldest first. */
	addedPlans(): AddedPlan[];
	/** The entry has been read by the rules of the configuration. → created, exists, exists_with_different_values. */
	addPlan(plan: AddedPlan): Answer;
	/** → changed, not_found. */
	removePlan(name: string): Answer;
	/** What its owner calls a device. */
	deviceName(mac: MacAddress): string | undefined;
	/** → created, changed, exists. */
	nameDevice(mac: MacAddress, name: string): Answer;
	/** Where the clock of validities stands, and the dates that were set by it. */
	readonly clock: ClockStore;
	/** Vouchers, card sets and gifts: what is redeemed by code. */
	readonly codes: CodeLedger;
	/** What is reported to the carrier, and what came from it. */
	readonly carrier: CarrierLedger;

	/** Newest first. */
	history(account: AccountId, options?: HistoryOptions): HistoryEntry[];
	/** All accounts at a glance, for displays and metrics. */
	readonly overview: LedgerOverview;
	/** Checks every invariant of the books; reads only. */
	verify(): VerifyReport;
	/** May be called twice. */
	close(): void;
};
