import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId } from '../core/units.ts';
import type { AccountRow } from './account-store.ts';
import { proveIfMarked } from './broken-mark.ts';
import { carrierLedger } from './carrier-ledger.ts';
import { ClockRows } from './clock-store.ts';
import { codeLedger } from './code-ledger.ts';
import { openDatabase } from './database.ts';
import { ledgerAccess } from './ledger-access.ts';
import {
	accountPort,
	creditPort,
	groupPort,
	lossPort,
	type PortParts,
	recordPort,
	sessionPort,
	settingPort,
} from './ledger-ports.ts';
import { ledgerStores } from './ledger-stores.ts';
import type { Ledger } from './operations.ts';
import { verifyLedger } from './verify.ts';

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
	/** Nothing can be written just now, for the reason that the error says; undefined: it can again. */
	readonly onUnwritable?: (error: OctroiError | undefined) => void;
};

/**
 * Opens or creates the ledger of a file, and brings its schema up to date.
 *
 * @throws OctroiError `ledger_too_new`, `ledger_unwritable`, `ledger_broken`
 */
export function openLedger(path: string, options: LedgerOptions): Ledger {
	const { clock, log, busyTimeoutMs, onBroken, onCommit, onUnwritable } = options;
	if (proveIfMarked(path)) log.warn({ path }, 'the last run stopped because of the ledger; its books are whole');
	const database = openDatabase(path, busyTimeoutMs === undefined ? {} : { busyTimeoutMs });
	const stores = ledgerStores(database, options);
	const { accounts, books, overview } = stores;
	const { read, write } = ledgerAccess({ path, database, books, log, onBroken, onCommit, onUnwritable });
	const known = (id: AccountId): AccountRow => {
		const account = accounts.find(id);
		if (account === undefined) throw new OctroiError('not_found', `there is no account ${id}`);
		return account;
	};
	const parts: PortParts = { stores, read, write, clock, known };
	log.info({ path }, 'ledger opened');
	return {
		overview,
		...accountPort(parts),
		...creditPort(parts),
		...sessionPort(parts),
		...lossPort(parts),
		...groupPort(parts),
		...recordPort(parts),
		...settingPort(parts),
		codes: codeLedger({ database, stores, write, read, known }),
		clock: new ClockRows(database, write),
		carrier: carrierLedger({ database, stores, write, read, clock }),
		verify: () => verifyLedger(path),
		close: () => read(() => void database.close()),
	};
}
