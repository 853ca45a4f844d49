import { ACCOUNT_CODE_BYTES, accountKeyOf, isAccountProof } from '../../protocol/account-proof.ts';
import { ALL } from '../../protocol/topics.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import { accessPointRow } from '../fleet/access-points.ts';
import { revokeRows } from '../slice/revoke-slice.ts';
import type { SliceRow } from '../slice/slice-row.ts';
import { type AccountRow, lockAccount } from './accounts.ts';

/** RFC 4648, base32: what people read and type. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const GROUP_CHARACTERS = 4;

/** Where an account may be spent. */
export type Binding = {
	/** An access point, or `all`. */
	ap: string;
	/** A user of the platform, `proof`, or `upgrade`. */
	madeBy: string;
	madeAt: number;
	/** Null: for ever. */
	until: number | null;
};

/** The most that one account may be bound to by hand: a person looks through them. */
export const BINDINGS_LISTED_MAX = 500;

/**
 * Whether an access point may spend an account: the account is bound to it (or to all), or the request comes with the customer's proof,
 * which binds it for a while: whoever is there goes on after the proof.
 */
export async function maySpend(
	tx: Queryable,
	{ ap, account, request, proof }: { ap: string; account: AccountRow; request: string; proof: string | undefined },
	{ admission, provenForSeconds }: { admission: 'bound' | 'any'; provenForSeconds: number },
	now: number,
): Promise<boolean> {
	const key = account.code_key;
	if (proof !== undefined && key !== null && isAccountProof(key, { ap, account: account.account, request }, proof)) {
		await tx.query(
			`INSERT INTO account_access_point (account, ap, made_by, made_at, until) VALUES ($1, $2, 'proof', $3, $4)
			ON CONFLICT (account, ap) DO UPDATE SET until = greatest(account_access_point.until, EXCLUDED.until)
			WHERE account_access_point.until IS NOT NULL`,
			[account.account, ap, now, now + provenForSeconds * 1000],
		);
		return true;
	}
	if (admission === 'any') return true;
	const rows = await tx.query(
		`SELECT 1 FROM account_access_point WHERE account = $1 AND ap IN ($2, $3) AND (until IS NULL OR until > $4) LIMIT 1`,
		[account.account, ap, ALL, now],
	);
	return rows.length > 0;
}

/** Lets an access point, or all, spend an account without a proof of the customer. @throws CarrierError `not_found` */
export async function bindAccount(
	tx: Queryable,
	{ account, ap, by }: { account: string; ap: string; by: string },
	now: number,
): Promise<void> {
	await lockAccount(tx, account);
	if (ap !== ALL) await accessPointRow(tx, ap);
	await tx.query(
		`INSERT INTO account_access_point (account, ap, made_by, made_at, until) VALUES ($1, $2, $3, $4, NULL)
		ON CONFLICT (account, ap) DO UPDATE SET until = NULL, made_by = EXCLUDED.made_by, made_at = EXCLUDED.made_at
		WHERE account_access_point.until IS NOT NULL`,
		[account, ap, by, now],
	);
}

/** The account is not spent there any more: what is out is called back. @throws CarrierError `not_found` */
export async function unbindAccount(
	tx: Queryable,
	{ account, ap }: { account: string; ap: string },
	now: number,
): Promise<void> {
	const rows = await tx.query('DELETE FROM account_access_point WHERE account = $1 AND ap = $2 RETURNING 1', [
		account,
		ap,
	]);
	if (rows.length === 0) throw new CarrierError('not_found', `${account} is not bound to ${ap}`);
	const out = await tx.query<SliceRow>(
		`SELECT * FROM slice WHERE member = $1 AND state = 'given' AND ($2 = '${ALL}' OR ap = $2) AND NOT EXISTS (
			SELECT 1 FROM account_access_point b WHERE b.account = $1 AND b.ap IN (slice.ap, '${ALL}')
			AND (b.until IS NULL OR b.until > $3)) ORDER BY account, slice FOR UPDATE`,
		[account, ap, now],
	);
	await revokeRows(tx, out, now);
}

export async function bindingsOf(tx: Queryable, account: string): Promise<Binding[]> {
	return await tx.query<Binding>(
		`SELECT ap, made_by AS "madeBy", made_at AS "madeAt", until FROM account_access_point WHERE account = $1 ORDER BY ap LIMIT $2`,
		[account, BINDINGS_LISTED_MAX],
	);
}

/** Makes a new code for the customer; the old one proves nothing any more. It is answered here and never again. @throws CarrierError `not_found` */
export async function newAccountCode(
	tx: Queryable,
	account: string,
	random: (bytes: number) => Uint8Array,
): Promise<string> {
	await lockAccount(tx, account);
	const code = base32(random(ACCOUNT_CODE_BYTES));
	await tx.query('UPDATE account SET code_key = $2 WHERE account = $1', [account, accountKeyOf(code, account)]);
	return code;
}

function base32(bytes: Uint8Array): string {
	const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
	const characters = (bits.match(/.{5}/g) as string[]).map((five) => BASE32[Number.parseInt(five, 2)]).join('');
	return (characters.match(new RegExp(`.{${GROUP_CHARACTERS}}`, 'g')) as string[]).join('-');
}
