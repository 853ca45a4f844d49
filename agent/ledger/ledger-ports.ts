import type { Clock } from '../core/clock.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId } from '../core/units.ts';
import type { AccountRow } from './account-store.ts';
import { checkDeviceName } from './device-name-store.ts';
import { fundsOf } from './funds.ts';
import type { LedgerAccess } from './ledger-access.ts';
import type { LedgerStores } from './ledger-stores.ts';
import { nextChangeMs } from './next-change.ts';
import type { Ledger } from './operations.ts';
import { endOfPackage } from './package-row.ts';
import { checkMoment, checkText } from './request-check.ts';
import { checkOpenSession } from './session.ts';
import type { SettleRequest, SettleResult } from './settle.ts';
import { checkSettle } from './settle-check.ts';
import { checkTopUp } from './terms-check.ts';
import { topUp } from './top-up.ts';
import { buyFromWallet, checkBuy } from './wallet-purchase.ts';

export type PortParts = LedgerAccess & {
	readonly stores: LedgerStores;
	readonly clock: Clock;
	/** @throws OctroiError `not_found` */
	readonly known: (id: AccountId) => AccountRow;
};

/** Accounts by themselves. */
export function accountPort({
	stores,
	write,
	read,
	clock,
}: PortParts): Pick<Ledger, 'createAccount' | 'blockAccount' | 'account' | 'isBlocked' | 'accounts' | 'accountCount'> {
	const { accounts, overview } = stores;
	return {
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
	};
}

/** What an account has: packages, the wallet, and when they end. */
export function creditPort({
	stores,
	write,
	read,
	known,
}: PortParts): Pick<
	Ledger,
	'topUp' | 'buy' | 'packages' | 'tariffOf' | 'funds' | 'nextChangeMs' | 'endOf' | 'endOfPackage' | 'nextExpiry'
> {
	const { accounts, packages, tariffs } = stores;
	return {
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
	};
}

/** Sessions of stations, and what was charged in them. */
export function sessionPort({
	stores,
	write,
	read,
	known,
}: PortParts): Pick<
	Ledger,
	'openSession' | 'closeSession' | 'openSessions' | 'session' | 'settle' | 'settleAll' | 'lastSettled'
> {
	const { accounts, books, histories, sessions, settler } = stores;
	const settleAll = (requests: readonly SettleRequest[]): SettleResult[] => {
		for (const request of requests) checkSettle(request);
		refuseTwice(requests);
		return write(() => requests.map((request) => settler.settle(request)));
	};
	return {
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
		lastSettled: (account, unit, name) =>
			read(() => {
				const epoch = books.knownEpoch(name);
				return epoch === undefined ? null : histories.lastSettled(known(account), unit, epoch);
			}),
	};
}

/** Grants and sessions whose counters are lost. */
export function lossPort({
	stores,
	write,
	read,
	known,
}: PortParts): Pick<Ledger, 'openEpochs' | 'resolveLost' | 'resolveLostAccount'> {
	const { losses } = stores;
	return {
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
	};
}

/** Renewals, groups, permissions and mergers: credit that moves between accounts, or comes again. */
export function groupPort({
	stores,
	write,
	read,
	known,
}: PortParts): Pick<
	Ledger,
	| 'renewals'
	| 'endRenewal'
	| 'issueRenewals'
	| 'joinGroup'
	| 'leaveGroup'
	| 'members'
	| 'isInGroup'
	| 'groupsOf'
	| 'permit'
	| 'giverOf'
	| 'take'
	| 'merge'
> {
	const { accounts, groups, merges, permissions, renewals } = stores;
	return {
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
	};
}

/** Alerts, usage records and histories: what people are told. */
export function recordPort({
	stores,
	write,
	read,
	known,
}: PortParts): Pick<
	Ledger,
	'setAlert' | 'removeAlert' | 'alertSeen' | 'alerts' | 'records' | 'explain' | 'receipt' | 'history'
> {
	const { alerts, histories, records } = stores;
	return {
		setAlert: (request, at) => write(() => alerts.set(request, at)),
		removeAlert: (account, id) => write(() => alerts.remove(account, id)),
		alertSeen: (account, id) => write(() => alerts.seen(account, id)),
		alerts: (account) => read(() => alerts.alerts(known(account).number)),
		records: (account, { limit } = {}) => read(() => records.records(known(account), limit)),
		explain: (what) => read(() => records.explain('session' in what ? what : { ...what, row: known(what.account) })),
		receipt: (session) => read(() => records.receipt(session)),
		history: (account, historyOptions) => read(() => histories.read(known(account), historyOptions)),
	};
}

/** Names of devices, pins, and plans that were added: what people have set. */
export function settingPort({
	stores,
	write,
	read,
	clock,
}: PortParts): Pick<Ledger, 'deviceName' | 'nameDevice' | 'pins' | 'pin' | 'addedPlans' | 'addPlan' | 'removePlan'> {
	const { deviceNames, pins, plans } = stores;
	return {
		deviceName: (mac) => read(() => deviceNames.find(mac)),
		nameDevice(mac, name) {
			checkDeviceName(name);
			return write(() => deviceNames.set(mac, name, clock.wallMs()));
		},
		pins: () => read(() => pins.all()),
		pin: (mac, as) => write(() => pins.set(mac, as)),
		addedPlans: () => read(() => plans.all()),
		addPlan: (plan) => write(() => plans.add(plan, clock.wallMs())),
		removePlan: (name) => write(() => plans.remove(name)),
	};
}

/** One account's second request would settle against what the first has just reserved: a defect of the caller. */
function refuseTwice(requests: readonly SettleRequest[]): void {
	if (requests.length < 2 || new Set(requests.map(({ account }) => account)).size === requests.length) return;
	throw new OctroiError('invalid_value', 'an account is settled twice in one transaction');
}
