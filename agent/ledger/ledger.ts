import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, BootMs, Unit, WallMs } from '../core/units.ts';
import type { Account, CreateAccountRequest, End } from './account.ts';
import { type AccountRow, AccountStore } from './account-store.ts';
import { type Alert, Alerts, type SetAlertRequest } from './alert-store.ts';
import type { Answer } from './answer.ts';
import { Books } from './books.ts';
import { markBroken, proveIfMarked } from './broken-mark.ts';
import { codeLedger } from './code-ledger.ts';
import { openDatabase } from './database.ts';
import { type Funds, fundsOf } from './funds.ts';
import { GroupStore, type JoinGroupRequest, type Member } from './group-store.ts';
import type { HistoryEntry, HistoryOptions } from './history.ts';
import { HistoryReader } from './history-reader.ts';
import { ItemStore } from './item-store.ts';
import { LossResolver } from './loss-resolver.ts';
import type { LostGrant, ResolveLostAccountRequest, ResolveLostRequest } from './lost.ts';
import type { Epoch, Moment } from './moment.ts';
import { nextChangeMs } from './next-change.ts';
import { LedgerOverview } from './overview.ts';
import type { Package, TopUpRequest, TopUpResult } from './package.ts';
import { PackageStore } from './package-store.ts';
import { Permissions, type PermitRequest, type TakeRequest, type TakeResult } from './permission-store.ts';
import { Purse } from './purse.ts';
import { type Explanation, type Receipt, RecordReader, type UsageRecord } from './record-reader.ts';
import { type RenewalInfo, Renewals } from './renewal-store.ts';
import { checkMoment, checkText } from './request-check.ts';
import { checkOpenSession, type OpenSessionRequest, type Session } from './session.ts';
import { SessionStore } from './session-store.ts';
import type { SettleRequest, SettleResult } from './settle.ts';
import { checkSettle, Settler } from './settler.ts';
import { ledgerError } from './storage-error.ts';
import { TariffStore } from './tariff-store.ts';
import { checkTopUp } from './terms-check.ts';
import { topUp } from './top-up.ts';
import { type VerifyReport, verifyLedger } from './verify.ts';
import type { CodeLedger } from './voucher.ts';

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
	/** By id. With its balances, each: ask {@link accountCount} for how many. */
	accounts(): Account[];
	accountCount(): number;

	/** → created, exists, exists_with_different_values, not_found, nothing_to_extend (an add-on). */
	topUp(request: TopUpRequest): TopUpResult;
	/** What is not used up or expired, in spending order: seconds before bytes; soonest expiry first; then oldest. */
	packages(account: AccountId): Package[];
	/** What becomes of the stations when no package is left. Throws `not_found`. */
	endOf(account: AccountId, trustedWallMs?: WallMs | null): End;
	/** What its stations could still use, by what would pay. Throws `not_found`. */
	funds(account: AccountId, at: Moment): Funds;
	/** How long until something of the account, or of its groups, expires or is issued anew: settle then. Null: nothing will. */
	nextChangeMs(account: AccountId, at: Moment): number | null;
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
	/** The groups that an account is a member of. */
	groupsOf(account: AccountId): AccountId[];
	/** A giver's permission to take credit, by a one-time code. → created, exists, exists_with_different_values, not_found. */
	permit(request: PermitRequest): Answer;
	/** Takes what a permission allows. → created, exists, exists_with_different_values, not_found. Throws `not_allowed`. */
	take(request: TakeRequest): TakeResult;

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
	/** Vouchers, card sets and gifts: what is redeemed by code. */
	readonly codes: CodeLedger;

	/** Newest first. */
	history(account: AccountId, options?: HistoryOptions): HistoryEntry[];
	/** All accounts at a glance, for displays and metrics. */
	readonly overview: LedgerOverview;
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
	/** How long a write waits for another process, blocking this one. Default: 1000. */
	readonly busyTimeoutMs?: number;
	/** An invariant would not have held. From then on, nothing is written; the next `openLedger` proves the books first. */
	readonly onBroken?: (error: OctroiError) => void;
	/** Called with how long each transaction took, its fsync included. */
	readonly onCommit?: (milliseconds: number) => void;
};

/**
 * Opens or creates the ledger of a file, and brings its schema up to date.
 *
 * @throws OctroiError `ledger_too_new`, `ledger_unwritable`, `ledger_broken`
 */
export function openLedger(path: string, options: LedgerOptions): Ledger {
	const { clock, log, busyTimeoutMs, onCommit } = options;
	if (proveIfMarked(path)) log.warn({ path }, 'the last run stopped because of the ledger; its books are whole');
	const database = openDatabase(path, busyTimeoutMs === undefined ? {} : { busyTimeoutMs });
	const books = new Books(database, options.transferIdOf ?? ((sequence) => `~${sequence}`));
	const accounts = new AccountStore(database);
	const packages = new PackageStore(database);
	const sessions = new SessionStore(database);
	const tariffs = new TariffStore(database);
	const items = new ItemStore(database);
	const groups = new GroupStore(database, accounts);
	const purse = new Purse({ accounts, packages, groups });
	const renewals = new Renewals(database, { accounts, packages, groups, books });
	const alerts = new Alerts(database, { accounts, packages });
	const stores = { accounts, packages, sessions, tariffs, items, groups, purse, renewals, alerts, books };
	const settler = new Settler(stores);
	const permissions = new Permissions(database, stores);
	const records = new RecordReader(database, stores);
	const losses = new LossResolver(database, { accounts, sessions, books });
	const histories = new HistoryReader(database);
	const overview = new LedgerOverview(database);

	/** Immediate: the lock is taken before anything is read, so that nothing read can be outdated when it is written. */
	const transaction = database.transaction((work: () => unknown) => {
		books.begin();
		return work();
	}).immediate;
	let broken: OctroiError | undefined;
	const write = <Result>(work: () => Result): Result => {
		if (broken) throw broken;
		const began = process.hrtime.bigint();
		const result = read(() => transaction(work) as Result);
		onCommit?.(Number(process.hrtime.bigint() - began) / 1e6);
		return result;
	};
	const read = <Result>(work: () => Result): Result => {
		try {
			return work();
		} catch (error) {
			const known = ledgerError(error, path);
			if (known instanceof OctroiError && known.code === 'ledger_broken') stop(known);
			throw known;
		}
	};
	const stop = (error: OctroiError): void => {
		broken = error;
		try {
			markBroken(path, error.message);
		} catch (cause) {
			log.error({ error: cause }, 'could not note that the ledger has to be proven at the next start');
		}
		options.onBroken?.(error);
	};
	const known = (id: AccountId): AccountRow => {
		const account = accounts.find(id);
		if (account === undefined) throw new OctroiError('not_found', `there is no account ${id}`);
		return account;
	};

	const settleAll = (requests: readonly SettleRequest[]): SettleResult[] => {
		for (const request of requests) checkSettle(request);
		refuseTwice(requests);
		return write(() => requests.map((request) => settler.settle(request)));
	};
	log.info({ path }, 'ledger opened');

	return {
		overview,
		createAccount: (request) => write(() => accounts.create(request, clock.wallMs())),
		blockAccount(account, blocked) {
			const answer = write(() => accounts.block(account, blocked));
			if (answer === 'changed') overview.noteBlocked(account, blocked);
			return answer;
		},
		account: (account) => read(() => accounts.account(account)),
		accounts: () => read(() => accounts.accounts()),
		accountCount: () => read(() => accounts.count()),

		topUp(request) {
			checkTopUp(request);
			return write(() => topUp(request, stores));
		},
		packages: (account) => read(() => packages.packages(known(account).number)),
		funds: (account, at) => read(() => fundsOf(known(account), at, stores)),
		nextChangeMs: (account, at) => read(() => nextChangeMs(known(account), at, stores)),
		endOf: (account, trustedWallMs = null) => read(() => accounts.endOf(account, trustedWallMs)),
		nextExpiry: (account, trustedWallMs = null) => read(() => packages.nextExpiry(known(account), trustedWallMs)),

		openSession(request) {
			checkOpenSession(request);
			return write(() => sessions.open(request, accounts.find(request.account), () => books.epoch(request.epoch)));
		},
		closeSession(session, reason, at) {
			checkMoment(at);
			checkText('the reason', reason);
			return write(() => sessions.close(session, reason, at));
		},
		openSessions: () => read(() => sessions.openSessions()),
		session: (session) => read(() => sessions.byId(session)),

		settle: (request) => settleAll([request])[0] as SettleResult,
		settleAll,

		openEpochs: () => read(() => losses.openEpochs()),
		resolveLost(request) {
			checkMoment(request.at);
			const { epoch, direction, at } = request;
			return write(() => losses.resolve({ epoch, direction, at }));
		},
		resolveLostAccount(request) {
			checkMoment(request.at);
			return write(() => {
				known(request.account);
				return losses.resolve(request);
			});
		},

		lastSettled: (account, unit, name) =>
			read(() => {
				const epoch = books.knownEpoch(name);
				return epoch === undefined ? null : histories.lastSettled(known(account), unit, epoch);
			}),
		renewals: (account) => read(() => renewals.list(known(account).number)),
		endRenewal: (account, id) => write(() => renewals.end(id, account)),
		issueRenewals: (at) => write(() => renewals.issueAll(at)),

		joinGroup: (request) => write(() => groups.join(request)),
		leaveGroup: (group, account) => write(() => groups.leave(group, account)),
		members: (group) => read(() => groups.members(known(group).number)),
		groupsOf: (account) =>
			read(() => [
				...new Set(groups.memberships(known(account).number).map(({ in_group }) => accounts.idOf(in_group))),
			]),
		permit: (request) => write(() => permissions.permit(request)),
		take: (request) => write(() => permissions.take(request)),

		setAlert: (request, at) => write(() => alerts.set(request, at)),
		removeAlert: (account, id) => write(() => alerts.remove(account, id)),
		alertSeen: (account, id) => write(() => alerts.seen(account, id)),
		alerts: (account) => read(() => alerts.alerts(known(account).number)),

		records: (account, { limit } = {}) => read(() => records.records(known(account), limit)),
		explain: (what) => read(() => records.explain('session' in what ? what : { ...what, row: known(what.account) })),
		receipt: (session) => read(() => records.receipt(session)),

		codes: codeLedger({ database, stores, write, read, known }),
		history: (account, historyOptions) => read(() => histories.read(known(account), historyOptions)),
		verify: () => verifyLedger(path),
		close: () => read(() => void database.close()),
	};
}

/** One account's second request would settle against what the first has just reserved: a defect of the caller. */
function refuseTwice(requests: readonly SettleRequest[]): void {
	if (requests.length < 2 || new Set(requests.map(({ account }) => account)).size === requests.length) return;
	throw new OctroiError('invalid_value', 'an account is settled twice in one transaction');
}
