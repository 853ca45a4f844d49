/** Asks SQL. Whole numbers come back as safe integers, JSON as values. */
export type Queryable = {
	query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
};

/** `timeoutMs`: what one statement may take; absent: what the store has for all of them. */
export type TransactionOptions = { readonly timeoutMs?: number };

/** PostgreSQL, or PGlite inside the process: the same SQL. */
export type Database = Queryable & {
	readonly kind: 'postgres' | 'pglite';
	/** Everything or nothing. Begun anew, a bounded number of times, when the database asks for it (a deadlock): `work` must have no other effect. */
	transaction<Answer>(work: (tx: Queryable) => Promise<Answer>, options?: TransactionOptions): Promise<Answer>;
	/** Many statements without values: migrations. */
	script(text: string): Promise<void>;
	close(): Promise<void>;
};

/** A 64-bit integer, or a sum of them, as the database sends it. @throws RangeError where a number could not hold it */
export function safeInteger(text: string): number {
	const value = Number(text);
	if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is no safe integer`);
	return value;
}

/** The largest sum that is added up or read: what a double holds exactly. Larger ones are shown as this. */
export const SUM_MAX = Number.MAX_SAFE_INTEGER;

/** The sum of two sums, at most {@link SUM_MAX}. */
export function boundedSum(one: number, other: number): number {
	return Math.min(SUM_MAX, one + other);
}

/** The type identifiers of PostgreSQL (pg_type.dat) whose values we read ourselves. */
export const INT8_OID = 20;
export const NUMERIC_OID = 1700;

/** Serialisation failure and deadlock (PostgreSQL, appendix A): the transaction had no effect and may be tried again. */
const RETRY_STATES: ReadonlySet<string> = new Set(['40001', '40P01']);
/** A transaction that meets so many deadlocks in a row meets a defect. */
export const ATTEMPTS_MAX = 5;

export function shallRetry(error: unknown, attempt: number): boolean {
	const code = (error as { code?: unknown } | undefined)?.code;
	return attempt < ATTEMPTS_MAX && typeof code === 'string' && RETRY_STATES.has(code);
}
