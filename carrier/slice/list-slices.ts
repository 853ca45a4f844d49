import type { Queryable } from '../database/database.ts';

/** A person looks at these. */
export const SLICES_LISTED_MAX = 500;

export type OpenSlice = {
	account: string;
	slice: string;
	member: string;
	ap: string;
	amount: number;
	used: number;
	returned: number;
	state: string;
	givenAt: number;
	expiresAt: number;
};

/** Slices that are out, the oldest first. */
export async function listOpenSlices(
	tx: Queryable,
	state: 'given' | 'revoking' | 'silent' | undefined,
): Promise<OpenSlice[]> {
	return await tx.query<OpenSlice>(
		`SELECT account, slice, member, ap, amount, used, returned, state, given_at AS "givenAt", expires_at AS "expiresAt"
		FROM slice WHERE state IN ('given', 'revoking', 'silent') AND ($1::text IS NULL OR state = $1) ORDER BY given_at LIMIT $2`,
		[state ?? null, SLICES_LISTED_MAX],
	);
}
