import { createHash } from 'node:crypto';
import { lockAccount } from '../account/accounts.ts';
import { noteCredit } from '../account/credit-state.ts';
import { addTransfer, type Unit } from '../account/transfers.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import { sendCommand } from '../fleet/commands.ts';
import { noteRestriction } from '../slice/restriction.ts';
import { serveWaiting } from '../slice/serve-waiting.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import { planOf } from './plans.ts';

/** A sale at a shop: who bought, what, and the shop's own number of it. */
export type Sale = {
	readonly shop: string;
	/** The shop's transaction. Sent twice, it credits once. */
	readonly transaction: string;
	/** The member's number. */
	readonly account: string;
	/** Exactly one of the two. */
	readonly plan?: string | undefined;
	readonly credit?: { readonly unit: Unit; readonly amount: number } | undefined;
	/** Where the account lives, if it does not live here: that access point is told. */
	readonly ap?: string | undefined;
};

export type SaleAnswer = { readonly outcome: 'done' | 'exists' | 'sent'; readonly id: string };

/** Credits an account once for each transaction of a shop. @throws CarrierError `exists_with_different_values`, `not_found`, … */
export async function topUp(tx: Queryable, sale: Sale, slices: SlicePolicy, now: number): Promise<SaleAnswer> {
	const { shop, transaction, account, plan, credit, ap } = sale;
	if ((plan === undefined) === (credit === undefined)) {
		throw new CarrierError('invalid_value', 'a sale has either a plan or a credit', {
			faults: ['plan, credit: exactly one of the two'],
		});
	}
	const id = saleName(shop, transaction);
	const terms = plan === undefined ? undefined : await planOf(tx, plan);
	if (ap !== undefined) {
		if (terms === undefined)
			throw new CarrierError('invalid_value', 'an access point is credited by plan', {
				faults: ['plan: it is missing'],
			});
		await sendCommand(tx, { ap, id, body: { command: 'topup', account, terms } }, now);
		return { outcome: 'sent', id };
	}
	const { unit, amount } = terms ?? (credit as { unit: Unit; amount: number });
	await lockAccount(tx, account);
	const about = { shop, transaction, ...(plan === undefined ? {} : { plan }) };
	const outcome = await addTransfer(tx, {
		account,
		id,
		unit,
		from: 'issued',
		to: 'available',
		amount,
		kind: 'top-up',
		about,
		at: now,
	});
	await noteCredit(tx, [account], now);
	await noteRestriction(tx, [account], now);
	await serveWaiting(tx, [account], slices, now);
	return { outcome, id };
}

/** Two shops may use the same numbers. */
function saleName(shop: string, transaction: string): string {
	return `sale-${createHash('sha256')
		.update(JSON.stringify([shop, transaction]))
		.digest('hex')
		.slice(0, 40)}`;
}
