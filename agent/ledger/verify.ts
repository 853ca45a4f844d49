export type VerifyCheck = { readonly name: string; readonly ok: boolean; readonly detail: string };

/** `broken` names the first check that failed. Checks after it are still run and listed. */
export type VerifyReport = { readonly ok: boolean; readonly broken?: string; readonly checks: readonly VerifyCheck[] };

/**
 * Checks the invariants of a ledger's file, live or copied, in one read transaction.
 *
 * @throws OctroiError `not_found`, `ledger_unwritable` (not a database), `ledger_too_new`
 */
export function verifyLedger(path: string): VerifyReport {
	throw new Error(`verify of ${path} is not there yet`);
}
