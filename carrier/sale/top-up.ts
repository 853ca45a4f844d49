import { createHash } from 'node:crypto';
import type { WirePlan } from '../../protocol/terms.ts';
import type { Unit } from '../account/transfers.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import { sendCommand } from '../fleet/commands.ts';
import { type PackageTerms, packageTermsOf, refuseUnit } from '../package/package-terms.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import { creditBytes } from './credit-bytes.ts';
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

/**
 * Credits an account once for each transaction of a shop. What an account that lives here could not spend is refused before
 * anything is written: the shop has not got its answer yet, and gives the money back.
 *
 * @throws CarrierError `not_spendable`, `exists_with_different_values`, `not_found`, …
 */
export async function topUp(tx: Queryable, sale: Sale, slices: SlicePolicy, now: number): Promise<SaleAnswer> {
	const { shop, transaction, account, plan, credit, ap } = sale;
	if ((plan === undefined) === (credit === undefined)) {
		throw new CarrierError('invalid_value', 'a sale has either a plan or a credit', {
			faults: ['plan, credit: exactly one of the two'],
		});
	}
	const id = saleName(shop, transaction);
	if (ap === undefined) {
		// What was sold before is so for ever, whatever became of the plan.
		if (plan !== undefined && (await wasSold(tx, account, id, plan))) return { outcome: 'exists', id };
		const { amount, terms } = plan === undefined ? loose(credit as Credit) : sold(await planOf(tx, plan));
		const about = { shop, transaction, ...(plan === undefined ? {} : { plan }) };
		const outcome = await creditBytes(tx, { account, id, amount, terms, kind: 'top-up', about }, slices, now);
		return { outcome, id };
	}
	if (plan === undefined)
		throw new CarrierError('invalid_value', 'an access point is credited by plan', {
			faults: ['plan: it is missing'],
		});
	await sendCommand(tx, { ap, id, body: { command: 'topup', account, terms: await planOf(tx, plan) } }, now);
	return { outcome: 'sent', id };
}

type Credit = NonNullable<Sale['credit']>;
/** What an account that lives here gets. */
type Credited = { readonly amount: number; readonly terms: PackageTerms | undefined };

/** Credit by a plan. @throws CarrierError `not_spendable` */
export function sold(plan: WirePlan): Credited {
	return { amount: plan.amount, terms: packageTermsOf(plan) };
}

/** Credit without a plan, and so without terms. @throws CarrierError `not_spendable` */
export function loose({ unit, amount }: Credit): Credited {
	refuseUnit(unit);
	return { amount, terms: undefined };
}

async function wasSold(tx: Queryable, account: string, id: string, plan: string): Promise<boolean> {
	const rows = await tx.query(
		"SELECT 1 FROM transfer WHERE account = $1 AND id = $2 AND kind = 'top-up' AND about->>'plan' = $3",
		[account, id, plan],
	);
	return rows.length > 0;
}

/** Two shops may use the same numbers. */
function saleName(shop: string, transaction: string): string {
	return `sale-${createHash('sha256')
		.update(JSON.stringify([shop, transaction]))
		.digest('hex')
		.slice(0, 40)}`;
}
