import type Database from 'better-sqlite3';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { Books } from './books.ts';
import { markBroken } from './broken-mark.ts';
import { ledgerError } from './storage-error.ts';

/** How the ports of the ledger reach its database. */
export type LedgerAccess = {
	/** Runs in one transaction, durable when it returns; within another one, as a part of it. */
	readonly write: <Result>(work: () => Result) => Result;
	readonly read: <Result>(work: () => Result) => Result;
};

export type LedgerAccessOptions = {
	readonly path: string;
	readonly database: Database.Database;
	readonly books: Books;
	readonly log: Log;
	/** An invariant would not have held: from then on nothing is written. */
	readonly onBroken?: ((error: OctroiError) => void) | undefined;
	/** Called with how long each transaction took, its fsync included. */
	readonly onCommit?: ((milliseconds: number) => void) | undefined;
	/** Nothing can be written just now; undefined: it can again. */
	readonly onUnwritable?: ((error: OctroiError | undefined) => void) | undefined;
};

/** The one way into the database: after an invariant did not hold nothing is written, and the next start proves the books. */
export function ledgerAccess({ path, database, books, log, ...told }: LedgerAccessOptions): LedgerAccess {
	/** Immediate: the lock is taken before anything is read, so that nothing read can be outdated when it is written. */
	const transaction = database.transaction((work: () => unknown) => {
		books.begin();
		return work();
	}).immediate;
	let broken: OctroiError | undefined;
	const stop = (error: OctroiError): void => {
		broken = error;
		try {
			markBroken(path, error.message);
		} catch (cause) {
			log.error({ error: cause }, 'could not note that the ledger has to be proven at the next start');
		}
		told.onBroken?.(error);
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
	let isUnwritable = false;
	const tellUnwritable = (error: OctroiError | undefined): void => {
		if (error === undefined && !isUnwritable) return;
		isUnwritable = error !== undefined;
		told.onUnwritable?.(error);
	};
	const write = <Result>(work: () => Result): Result => {
		if (broken) throw broken;
		const began = process.hrtime.bigint();
		try {
			const result = read(() => transaction(work) as Result);
			tellUnwritable(undefined);
			told.onCommit?.(Number(process.hrtime.bigint() - began) / 1e6);
			return result;
		} catch (error) {
			if (error instanceof OctroiError && error.code === 'ledger_unwritable') tellUnwritable(error);
			throw error;
		}
	};
	return { read, write };
}
