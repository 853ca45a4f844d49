/**
 * Every code that a CarrierError can carry, with the exit status of `octroi-carrier` and the HTTP status of the API.
 * `docs/carrier-platform.md` explains each; a test compares both ways.
 */
export const CARRIER_ERROR_CODES = {
	/** Wrong words on the command line. */
	usage: { exit: 2, http: 400 },
	/** A value from outside has the wrong form or is out of its range; all faults are listed. */
	invalid_value: { exit: 2, http: 400 },
	/** The configuration file has problems; all of them are listed. */
	config_invalid: { exit: 2, http: 500 },
	/** No token, or a wrong one. */
	unauthorized: { exit: 4, http: 401 },
	/** The page's form is not ours, or too old. */
	form_expired: { exit: 4, http: 403 },
	/** What was asked for does not exist. */
	not_found: { exit: 3, http: 404 },
	/** It exists already, and differs from what was asked for. */
	exists_with_different_values: { exit: 4, http: 409 },
	/** The account, voucher or slice is not in a state that allows this. */
	not_allowed: { exit: 4, http: 409 },
	/** The balance does not suffice. */
	not_enough: { exit: 4, http: 409 },
	/** More than the named limit. */
	too_large: { exit: 2, http: 413 },
	/** The platform's HTTP API does not answer. */
	platform_unreachable: { exit: 5, http: 502 },
	/** Another process has the embedded database open. */
	database_in_use: { exit: 5, http: 503 },
	/** The database cannot be reached, or refused. */
	database_failed: { exit: 6, http: 503 },
	/** The books do not add up. */
	broken_invariant: { exit: 7, http: 500 },
	/** A key is missing or cannot be read. */
	key_missing: { exit: 7, http: 500 },
	/** A defect. */
	internal: { exit: 70, http: 500 },
} as const;

export type CarrierErrorCode = keyof typeof CARRIER_ERROR_CODES;
