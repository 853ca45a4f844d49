import { lockAccount } from '../account/accounts.ts';
import { noteCredit } from '../account/credit-state.ts';
import { addTransfer } from '../account/transfers.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import type { PackageTerms } from '../package/package-terms.ts';
import { addPackage } from '../package/packages.ts';
import { noteRestriction } from '../slice/restriction.ts';
import { serveWaiting } from '../slice/serve-waiting.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';

export type ByteCredit = {
	readonly account: string;
	/** Made by whoever asks; the same twice credits once. */
	readonly id: string;
	readonly amount: number;
	/** Absent: credit without terms. */
	readonly terms: PackageTerms | undefined;
	readonly kind: 'top-up' | 'voucher';
	readonly about: object;
};

/** Credits an account that lives here, and serves whoever waits for it. @throws CarrierError `not_spendable`, `exists_with_different_values`, `not_found` */
export async function creditBytes(
	tx: Queryable,
	{ account, id, amount, terms, kind, about }: ByteCredit,
	slices: SlicePolicy,
	now: number,
): Promise<'done' | 'exists'> {
	const { pool } = await lockAccount(tx, account);
	const outcome = await addTransfer(tx, {
		account,
		id,
		unit: 'byte',
		from: 'issued',
		to: 'available',
		amount,
		kind,
		at: now,
		about: terms === undefined ? about : { ...about, package: id },
	});
	if (outcome === 'exists') return outcome;
	// It would lie there: its slices are cut from the balance of the allowance.
	if (pool !== null) {
		throw new CarrierError('not_spendable', `${account} spends the shared allowance ${pool}, and nothing of its own`, {
			fix: `credit ${pool}, or take ${account} out of the allowance`,
		});
	}
	if (terms !== undefined) await addPackage(tx, { account, id, amount, terms }, now);
	await noteCredit(tx, [account], now);
	await noteRestriction(tx, [account], now);
	await serveWaiting(tx, [account], slices, now);
	return outcome;
}
