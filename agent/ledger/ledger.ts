import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { AccountId, WallMs } from '../core/units.ts';
import type { Account, CreateAccountRequest, End } from './account.ts';
import type { Answer } from './answer.ts';
import type { HistoryEntry, HistoryOptions } from './history.ts';
import type { LostGrant, ResolveLostAccountRequest, ResolveLostRequest } from './lost.ts';
import type { Epoch, Moment } from './moment.ts';
import type { Package, TopUpRequest, TopUpResult } from './package.ts';
import type { OpenSessionRequest, Session } from './session.ts';
import type { SettleRequest, SettleResult } from './settle.ts';
import type { VerifyReport } from './verify.ts';

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
	account(account: AccountId): Account | undefined;
	/** By id. */
	accounts(): Account[];

	/** → created, exists, exists_with_different_values, not_found. */
	topUp(request: TopUpRequest): TopUpResult;
	/** What is not used up or expired, in spending order: seconds before bytes; soonest expiry first; then oldest. */
	packages(account: AccountId): Package[];
	/** What becomes of the stations when no package is left. Throws `not_found`. */
	endOf(account: AccountId, trustedWallMs?: WallMs | null): End;
	/** When the next package (or the throttle after the last one) expires: settle then. Null: nothing will. */
	nextExpiry(account: AccountId, trustedWallMs?: WallMs | null): WallMs | null;

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

	/** Newest first. */
	history(account: AccountId, options?: HistoryOptions): HistoryEntry[];
	/** Checks every invariant of the books; reads only. */
	verify(): VerifyReport;
	/** May be called twice. */
	close(): void;
};

export type LedgerOptions = {
	readonly clock: Clock;
	readonly log: Log;
	/** Ids of the ledger's own transfers, unique in this database. Default: `~` and the sequence number. */
	readonly transferIdOf?: (sequence: number) => string;
};

/**
 * Opens or creates the ledger of a file, and brings its schema up to date.
 *
 * @throws OctroiError `ledger_too_new`, `ledger_unwritable`
 */
export function openLedger(path: string, options: LedgerOptions): Ledger {
	options.log.debug({ path }, 'opening');
	throw new Error('not there yet');
}
