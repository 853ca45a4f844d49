/**
 * What a ledger operation answers with: one closed list, ordered by precedence. The first that applies is given.
 * Values of a wrong form are not answered but thrown (`invalid_value`), before any of these is considered.
 */
export const ANSWERS = [
	/** The id is taken by something that differs from what was asked for. Nothing was written. */
	'exists_with_different_values',
	/** Exactly this was done before. Nothing was written; asking again was safe. */
	'exists',
	/** The account or session that is named does not exist. Nothing was written. */
	'not_found',
	/** The meter id belongs to another session that is still open. Nothing was written. */
	'meter_in_use',
	/** An add-on needs a running package of its unit, with a date at which it expires. Nothing was written. */
	'nothing_to_extend',
	/** An existing row was changed, durably. */
	'changed',
	/** A new row was written, durably. */
	'created',
] as const;

export type Answer = (typeof ANSWERS)[number];
