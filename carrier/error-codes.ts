/**
 * Every code that a CarrierError can carry, with the exit status of `octroi-carrier` and the HTTP status of the API.
 * `docs/carrier-reference.md` is made of them.
 */
export const CARRIER_ERROR_CODES = {
	usage: { exit: 2, http: 400, meaning: 'Wrong words on the command line' },
	invalid_value: {
		exit: 2,
		http: 400,
		meaning: 'A value from outside has the wrong form or is out of its range; all faults are listed',
	},
	config_invalid: { exit: 2, http: 500, meaning: 'The configuration file has problems; all of them are listed' },
	unauthorized: { exit: 4, http: 401, meaning: 'No token, or a wrong one' },
	too_many_tries: {
		exit: 4,
		http: 429,
		meaning: 'Too many wrong tokens came from this address; a right one is let in all the same',
	},
	form_expired: { exit: 4, http: 403, meaning: 'The page’s form is not ours, or too old' },
	not_found: { exit: 3, http: 404, meaning: 'What was asked for does not exist' },
	exists_with_different_values: {
		exit: 4,
		http: 409,
		meaning: 'It exists already, and differs from what was asked for',
	},
	not_allowed: { exit: 4, http: 409, meaning: 'The account, voucher or slice is not in a state that allows this' },
	not_spendable: {
		exit: 4,
		http: 409,
		meaning:
			'An account that lives at the platform could not spend this: it is not of bytes, has terms that slices do not carry, or a shared allowance pays for the account',
	},
	not_enough: { exit: 4, http: 409, meaning: 'The balance does not suffice' },
	too_large: { exit: 2, http: 413, meaning: 'More than the named limit' },
	unsupported_media_type: {
		exit: 2,
		http: 415,
		meaning: 'The body is of a type that is not taken here: JSON for the API, a form for the page',
	},
	platform_unreachable: { exit: 5, http: 502, meaning: 'The platform’s HTTP API does not answer' },
	database_in_use: { exit: 5, http: 503, meaning: 'Another process has the embedded database open' },
	database_failed: { exit: 6, http: 503, meaning: 'The database cannot be reached, or refused' },
	broken_invariant: { exit: 7, http: 500, meaning: 'The books do not add up' },
	key_missing: { exit: 7, http: 500, meaning: 'A key is missing or cannot be read' },
	internal: { exit: 70, http: 500, meaning: 'A defect' },
} as const;

export type CarrierErrorCode = keyof typeof CARRIER_ERROR_CODES;
