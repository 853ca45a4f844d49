import type { Unit } from '../account/transfers.ts';

/**
 * `given` may be spent; `revoking` is called back; `silent` is over, and nobody said what was used (policy `hold`); `released` is over
 * and the account has the rest back (policy `release`); `closed` is accounted for to the last unit.
 */
export type SliceState = 'given' | 'revoking' | 'silent' | 'released' | 'closed';

/** Part of `account`'s balance that one access point may spend for `member` without asking. */
export type SliceRow = {
	account: string;
	slice: string;
	member: string;
	ap: string;
	unit: Unit;
	amount: number;
	used: number;
	returned: number;
	/** The part of `returned` that the account got back though the access point may have used it. */
	released: number;
	/** What was used of that, and charged otherwise. */
	late: number;
	state: SliceState;
	given_at: number;
	expires_at: number;
	/** What it was cut from; null: credit without terms. */
	package: string | null;
	/** From its arrival. Null in rows of a time when it was the same for all. */
	valid_for_seconds: number | null;
};

/** What the access point may still spend of it, as far as we know. */
export function outstandingOf({ amount, used, returned, state }: SliceRow): number {
	return state === 'closed' || state === 'released' ? 0 : amount - used - returned;
}

/** How much more usage of it is believed: what is out, or what was released and may have been used before. */
export function allowanceOf(row: SliceRow): number {
	return row.state === 'released' ? row.released - row.late : outstandingOf(row);
}

/** The name of the grant that brings it. */
export function giveMessageName(slice: string): string {
	return `give-${slice}`;
}
