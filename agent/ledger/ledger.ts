import { randomUUID } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId } from '../core/units.ts';
import { type AccountRow, AccountStore } from './account-store.ts';
import { Alerts } from './alert-store.ts';
import { Books } from './books.ts';
import { markBroken, proveIfMarked } from './broken-mark.ts';
import { CarrierEvents } from './carrier-events.ts';
import { carrierLedger } from './carrier-ledger.ts';
import { ClockRows } from './clock-store.ts';
import { codeLedger } from './code-ledger.ts';
import { openDatabase } from './database.ts';
import { checkDeviceName, DeviceNames } from './device-name-store.ts';
import { fundsOf } from './funds.ts';
import { GroupStore } from './group-store.ts';
import { HeldCredit } from './held-credit.ts';
import { HistoryReader } from './history-reader.ts';
import { ItemStore } from './item-store.ts';
import { LossResolver } from './loss-resolver.ts';
import { Merges } from './merge-store.ts';
import { nextChangeMs } from './next-change.ts';
import type { Ledger } from './operations.ts';
import { LedgerOverview } from './overview.ts';
import { endOfPackage } from './package-row.ts';
import { PackageStore } from './package-store.ts';
import { Permissions } from './permission-store.ts';
import { PinStore } from './pin-store.ts';
import { PlanStore } from './plan-store.ts';
import { Purse } from './purse.ts';
import { RecordReader } from './record-reader.ts';
import { Renewals } from './renewal-store.ts';
import { checkMoment, checkText } from './request-check.ts';
import { checkOpenSession } from './session.ts';
import { SessionStore } from './session-store.ts';
import type { SettleRequest, SettleResult } from './settle.ts';
import { checkSettle } from './settle-check.ts';
import { Settler } from './settler.ts';
import { SliceStore } from './slice-store.ts';
import { ledgerError } from './storage-error.ts';
import { TariffStore } from './tariff-store.ts';
import { checkTopUp } from './terms-check.ts';
import { topUp } from './top-up.ts';
import { verifyLedger } from './verify.ts';
import { buyFromWallet, checkBuy } from './wallet-purchase.ts';

export type { Ledger };

export type LedgerOptions = {
	readonly clock: Clock;
	readonly log: Log;
	/** Ids of the ledger's own transfers, unique in this database. Default: `~` and the sequence number. */
	readonly transferIdOf?: (sequence: number) => string;
	/** Ids of events for the carrier, unlike any other access point's. Default: random. */
	readonly newEventId?: () => string;
	/** Ids of sessions in which stations go on after the end of a record. Default: random. */
	readonly newSessionId?: () => string;
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
	const events = new CarrierEvents(database, options.newEventId ?? randomUUID);
	const slices = new SliceStore(database, { accounts, packages, books, events });
	const credit = new HeldCredit(database, { packages, groups });
	const alerts = new Alerts(database, { accounts, credit, events });
	const stores = { accounts, packages, sessions, tariffs, items, groups, purse, renewals, alerts, slices, books };
	const settler = new Settler({ ...stores, newSessionId: options.newSessionId ?? randomUUID });
	const permissions = new Permissions(database, stores);
	const merges = new Merges(database, stores);
	const records = new RecordReader(database, stores);
	const losses = new LossResolver(database, { accounts, sessions, books });
	const histories = new HistoryReader(database);
	const overview = new LedgerOverview(database);
	const pins = new PinStore(database);
	const plans = new PlanStore(database);
	const deviceNames = new DeviceNames(database);

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
		isBlocked: (account) => read(() => accounts.isBlocked(account)),
		accounts: () => read(() => accounts.accounts()),
		accountCount: () => read(() => accounts.count()),

		topUp(request) {
			checkTopUp(request);
			return write(() => topUp(request, stores));
		},
		buy(request) {
			checkBuy(request);
			return write(() => buyFromWallet(request, stores));
		},
		packages: (account) => read(() => packages.packages(known(account).number)),
		tariffOf(account) {
			const { tariff } = known(account);
			if (tariff === null) return undefined;
			const { number: _, ...terms } = read(() => tariffs.byNumber(tariff));
			return terms;
		},
		funds: (account, at) => read(() => fundsOf(known(account), at, stores)),
		nextChangeMs: (account, at) => read(() => nextChangeMs(known(account), at, stores)),
		endOf: (account, validityMs = null) => read(() => accounts.endOf(account, validityMs)),
		endOfPackage: (id, validityMs = null) =>
			read(() => {
				const row = packages.byId(id);
				if (row === undefined) throw new OctroiError('not_found', `there is no package ${id}`);
				return endOfPackage(row, validityMs);
			}),
		nextExpiry: (account, validityMs = null) => read(() => packages.nextExpiry(known(account), validityMs)),

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
		isInGroup: (account) => read(() => groups.isInGroup(known(account).number)),
		groupsOf: (account) =>
			read(() => [
				...new Set(groups.memberships(known(account).number).map(({ in_group }) => accounts.idOf(in_group))),
			]),
		permit: (request) => write(() => permissions.permit(request)),
		giverOf: (code) => read(() => permissions.giverOf(code)),
		take: (request) => write(() => permissions.take(request)),
		merge: (request) => write(() => merges.merge(request)),

		setAlert: (request, at) => write(() => alerts.set(request, at)),
		removeAlert: (account, id) => write(() => alerts.remove(account, id)),
		alertSeen: (account, id) => write(() => alerts.seen(account, id)),
		alerts: (account) => read(() => alerts.alerts(known(account).number)),

		records: (account, { limit } = {}) => read(() => records.records(known(account), limit)),
		explain: (what) => read(() => records.explain('session' in what ? what : { ...what, row: known(what.account) })),
		receipt: (session) => read(() => records.receipt(session)),

		deviceName: (mac) => read(() => deviceNames.find(mac)),
		nameDevice(mac, name) {
			checkDeviceName(name);
			return write(() => deviceNames.set(mac, name, clock.wallMs()));
		},
		codes: codeLedger({ database, stores, write, read, known }),
		clock: new ClockRows(database, write),
		pins: () => read(() => pins.all()),
		pin: (mac, as) => write(() => pins.set(mac, as)),
		addedPlans: () => read(() => plans.all()),
		addPlan: (plan) => write(() => plans.add(plan, clock.wallMs())),
		removePlan: (name) => write(() => plans.remove(name)),
		carrier: carrierLedger({ database, stores: { ...stores, events }, write, read, clock }),
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
