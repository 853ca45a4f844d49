import { createHash } from 'node:crypto';
import type { Unit } from '../account/transfers.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import { type PackageTerms, refuseUnit } from '../package/package-terms.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import { creditBytes } from './credit-bytes.ts';

/** Crockford's alphabet: nothing that is read wrong, and nothing that spells a word by its vowels. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 80 bits: whoever guesses a million times a second for a year finds none of a million codes (1 in 38,000). So a plain hash will do. */
const CODE_CHARACTERS = 16;
const GROUP_CHARACTERS = 4;
/** One sheet of paper per 30; a batch is one transaction. */
export const BATCH_CODES_MAX = 10_000;

export type BatchOrder = {
	readonly batch: string;
	readonly count: number;
	/** Bytes: codes are for accounts that live here. */
	readonly amount: number;
	/** Those of its plan, as it is now: a code keeps them. */
	readonly terms?: PackageTerms | undefined;
	readonly expiresAt?: number | undefined;
};

/** Makes codes. They are answered here and never again: the database has only hashes. @throws CarrierError */
export async function makeVouchers(
	tx: Queryable,
	{ batch, count, amount, terms, expiresAt }: BatchOrder,
	random: (bytes: number) => Uint8Array,
	now: number,
): Promise<string[]> {
	const [existing] = await tx.query('SELECT 1 FROM voucher WHERE batch = $1 LIMIT 1', [batch]);
	if (existing !== undefined) throw new CarrierError('exists_with_different_values', `the batch ${batch} exists`);
	const codes = Array.from({ length: count }, () => newCode(random));
	await tx.query(
		`INSERT INTO voucher (code_hash, batch, number, unit, amount, plan, terms, made_at, expires_at)
		SELECT u.hash, $2, u.number, 'byte', $3, $4, $5::jsonb, $6, $7 FROM unnest($1::text[]) WITH ORDINALITY AS u(hash, number)`,
		[
			...[codes.map(hashOf), batch, amount, terms?.plan ?? null],
			...[terms === undefined ? null : JSON.stringify(terms), now, expiresAt ?? null],
		],
	);
	return codes;
}

/** Credits an account with a code, once. The same account may send it again and gets the same answer. @throws CarrierError */
export async function redeemVoucher(
	tx: Queryable,
	{ code, account }: { code: string; account: string },
	slices: SlicePolicy,
	now: number,
): Promise<{ outcome: 'done' | 'exists'; unit: Unit; amount: number }> {
	type Row = {
		state: string;
		account: string | null;
		unit: Unit;
		amount: number;
		terms: PackageTerms | null;
		batch: string;
		number: number;
		expires_at: number | null;
	};
	const hash = hashOf(code);
	const [row] = await tx.query<Row>('SELECT * FROM voucher WHERE code_hash = $1 FOR UPDATE', [hash]);
	if (row === undefined) throw new CarrierError('not_found', 'there is no such code');
	const { unit, amount, terms, batch, number } = row;
	if (row.state === 'redeemed' && row.account === account) return { outcome: 'exists', unit, amount };
	if (row.state !== 'new') throw new CarrierError('not_allowed', `the code is ${row.state}`);
	if (row.expires_at !== null && row.expires_at <= now) throw new CarrierError('not_allowed', 'the code has expired');
	// Codes were made for time and money once; whoever has one keeps it, and its shop can help.
	refuseUnit(unit);
	await tx.query("UPDATE voucher SET state = 'redeemed', account = $2, redeemed_at = $3 WHERE code_hash = $1", [
		hash,
		account,
		now,
	]);
	const credit = { account, id: `voucher-${hash.slice(0, 40)}`, amount, terms: terms ?? undefined } as const;
	await creditBytes(tx, { ...credit, kind: 'voucher', about: { batch, number } }, slices, now);
	return { outcome: 'done', unit, amount };
}

/** Codes of a batch that nobody has used are worth nothing from now on. Answers how many. */
export async function revokeBatch(tx: Queryable, batch: string): Promise<number> {
	return (
		await tx.query("UPDATE voucher SET state = 'revoked' WHERE batch = $1 AND state = 'new' RETURNING 1", [batch])
	).length;
}

function newCode(random: (bytes: number) => Uint8Array): string {
	const characters = [...random(CODE_CHARACTERS)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
	return (characters.match(new RegExp(`.{${GROUP_CHARACTERS}}`, 'g')) as string[]).join('-');
}

/** As people type it: small letters, no hyphens, O for 0, I and L for 1. */
function hashOf(code: string): string {
	const plain = code.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
	return createHash('sha256').update(plain).digest('hex');
}
