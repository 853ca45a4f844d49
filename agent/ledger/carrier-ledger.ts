import type Database from 'better-sqlite3';
import type { Clock } from '../core/clock.ts';
import type { AccountId } from '../core/units.ts';
import type { AccountRow } from './account-store.ts';
import type { CarrierLedger, NewCarrierEvent, Slice } from './carrier.ts';
import type { CarrierEvents } from './carrier-events.ts';
import { InboxStore } from './inbox-store.ts';
import type { Moment } from './moment.ts';
import { OutboxStore } from './outbox-store.ts';
import type { PackageTerms } from './package.ts';
import { packageOf } from './package-row.ts';
import { checkAmount, checkEnd, checkMoment } from './request-check.ts';
import type { SliceStore } from './slice-store.ts';
import { SoldTerms } from './sold-terms.ts';
import { checkTopUp } from './terms-check.ts';
import { type TopUpStores, topUp } from './top-up.ts';
import { UnreportedUsage } from './unreported-usage.ts';

type Parts = {
	readonly database: Database.Database;
	readonly stores: TopUpStores & { readonly slices: SliceStore; readonly events: CarrierEvents };
	/** Runs in one transaction, durable when it returns; within another one, as a part of it. */
	readonly write: <Result>(work: () => Result) => Result;
	readonly read: <Result>(work: () => Result) => Result;
	readonly clock: Clock;
};

/** The plan name of slices, in records and histories. */
const SLICE_PLAN = 'slice';

/** The carrier's side of the books, on the ledger's own tables and in its transactions. */
export function carrierLedger(parts: Parts): CarrierLedger {
	const terms = new SoldTerms(parts.database);
	return {
		...outboxPort(parts),
		...inboxPort(parts, terms),
		...termsPort(parts, terms),
		...slicePort(parts, terms),
		...creditNotePort(parts),
	};
}

function outboxPort({
	database,
	stores,
	write,
	read,
}: Parts): Pick<CarrierLedger, 'begin' | 'state' | 'addEvent' | 'seal' | 'batches' | 'acknowledge' | 'restart'> {
	const { events } = stores;
	const usage = new UnreportedUsage(database);
	const outbox = new OutboxStore(database, { usage, events });
	return {
		begin: (stream, at) => write(() => outbox.begin(stream, at)),
		state: () => read(() => outbox.state()),
		addEvent: (event, at) => write(() => events.add(event, at)),
		seal(request) {
			checkMoment(request.at);
			const isSealed = write(() => outbox.seal(request));
			usage.noteTaken(request.at);
			return isSealed;
		},
		batches: (after, limit) => read(() => outbox.batches(after, limit)),
		acknowledge: (ack) => write(() => outbox.acknowledge(ack)),
		restart: (stream, remake) => write(() => outbox.restart(stream, remake)),
	};
}

function inboxPort(
	{ database, write, read }: Parts,
	terms: SoldTerms,
): Pick<CarrierLedger, 'replied' | 'once' | 'policy' | 'setPolicy'> {
	const inbox = new InboxStore(database);
	return {
		replied: (id) => read(() => inbox.replied(id)),
		once: (message, work) => write(() => inbox.once(message, work)),
		policy: (audience) => read(() => inbox.policy(audience)),
		setPolicy: (audience, policy, plans) =>
			write(() => {
				inbox.setPolicy(audience, policy);
				return [...new Set(plans.flatMap(({ planName, ...change }) => terms.ofPlan(planName, change)))];
			}),
	};
}

function termsPort({ stores, write }: Parts, terms: SoldTerms): Pick<CarrierLedger, 'changeTerms' | 'setTariff'> {
	const { accounts, tariffs } = stores;
	return {
		changeTerms(account, change) {
			if (change.end) checkEnd(change.end);
			return write(() => {
				const found = accounts.find(account);
				if (found === undefined) return 'not_found';
				terms.ofAccount(found.number, change);
				return 'changed';
			});
		},
		setTariff: (account, tariff) =>
			write(() => {
				const found = accounts.find(account);
				if (found === undefined) return 'not_found';
				const number = tariffs.numberOf(tariff);
				if (found.tariff === number) return 'exists';
				accounts.setTariff(found.number, number);
				return 'changed';
			}),
	};
}

function slicePort(
	{ stores, write, read, clock }: Parts,
	terms: SoldTerms,
): Pick<CarrierLedger, 'giveSlice' | 'returnSlice' | 'slices' | 'timedSlices' | 'livesAtPlatform'> {
	const { accounts, slices } = stores;
	return {
		giveSlice({ id, account, amount, validForSeconds, throttleBytesPerSecond, pace, paceNow, at }) {
			const end =
				throttleBytesPerSecond === undefined
					? { atEnd: 'block' as const }
					: { atEnd: 'throttle' as const, throttleBytesPerSecond };
			const package_: PackageTerms = { unit: 'byte', amount, validForSeconds, planName: SLICE_PLAN, ...end };
			const request = { transferId: id, account, package: { ...package_, ...(pace && { pace }) }, at };
			checkTopUp(request);
			for (const rate of Object.values(paceNow ?? {})) checkAmount('a rate', rate, 1);
			return write(() => {
				const found = stores.packages.byId(id);
				// What is left of its time, and the speed in force, may be others by now.
				if (found !== undefined && slices.has(found.balance) && found.account === account && found.amount === amount)
					return { answer: 'exists', package: packageOf(found) };
				if (accounts.find(account) === undefined) accounts.create({ id: account }, clock.wallMs());
				const done = topUp(request, stores);
				const row = stores.packages.byId(id);
				if (done.answer !== 'created' || row === undefined) return done;
				slices.add(row.balance, (accounts.find(account) as AccountRow).number);
				if (paceNow) terms.ofPackage(row.balance, paceNow);
				return done;
			});
		},
		returnSlice: (id, reason, at) => write(() => slices.giveBack(id, reason, at)),
		slices: (account) => read(() => slices.list(account ?? null).map(sliceOf)),
		timedSlices: (at, account) => read(() => slices.timed(account ?? null, at)),
		livesAtPlatform: (account) => read(() => slices.isKnown(account)),
	};
}

/** Whether an account is out of credit, as the carrier was told. */
function creditNotePort({ database, stores, write, read }: Parts): Pick<CarrierLedger, 'noteCredit'> {
	const { events } = stores;
	const isOut = database.prepare<[string], number>('SELECT 1 FROM out_of_credit WHERE account = ?').pluck();
	const addOut = database.prepare('INSERT INTO out_of_credit VALUES (?)');
	const removeOut = database.prepare('DELETE FROM out_of_credit WHERE account = ?');
	return {
		noteCredit(account: AccountId, nowOut: boolean, details: NewCarrierEvent['details'], at: Moment) {
			if ((read(() => isOut.get(account)) !== undefined) === nowOut) return;
			write(() => {
				(nowOut ? addOut : removeOut).run(account);
				events.add({ kind: nowOut ? 'credit.out' : 'credit.restored', account, details }, at);
			});
		},
	};
}

function sliceOf({ id, account, remaining }: Slice): Slice {
	return { id, account, remaining };
}
