import { OctroiError } from '../core/octroi-error.ts';
import type { AccountStore } from './account-store.ts';
import type { Books } from './books.ts';
import type { PackageTerms, TopUpRequest, TopUpResult } from './package.ts';
import { type PackageRow, type PackageStore, packageOf } from './package-store.ts';
import { checkAmount, checkEnd, checkId, checkMoment, checkText } from './request-check.ts';

type Stores = { readonly accounts: AccountStore; readonly packages: PackageStore; readonly books: Books };

/**
 * Buys a package. A repeated request is recognised before anything that may have changed since is looked at:
 * what succeeded once is never refused the second time. Only inside of a transaction of its caller.
 *
 * @throws OctroiError `invalid_value` when the account's balance would exceed AMOUNT_MAX
 */
export function topUp(request: TopUpRequest, { accounts, packages, books }: Stores): TopUpResult {
	const found = packages.byId(request.transferId);
	if (found !== undefined && !sameTerms(found, request)) return { answer: 'exists_with_different_values' };
	if (found !== undefined) return { answer: 'exists', package: packageOf(found) };
	const account = accounts.find(request.account);
	if (account === undefined) return { answer: 'not_found' };
	const chain = { account: account.number, last: account.last_transfer };
	packages.buy(request, account, chain, books);
	accounts.store(chain, account.last_package);
	return { answer: 'created', package: packageOf(packages.byId(request.transferId) as PackageRow) };
}

/** @throws OctroiError `invalid_value` */
export function checkTopUp(request: TopUpRequest): void {
	checkId('transfer', request.transferId);
	checkMoment(request.at);
	checkTerms(request.package);
}

/** 100 years: beyond it a date in milliseconds is no longer useful to anybody. */
const VALID_FOR_SECONDS_MAX = 100 * 366 * 86_400;

/** What is sold. @throws OctroiError `invalid_value` */
export function checkTerms(terms: PackageTerms): void {
	if (terms.unit !== 'byte' && terms.unit !== 'second') {
		throw new OctroiError('invalid_value', `the unit is ${String(terms.unit)}`, { fix: 'give byte or second' });
	}
	checkAmount('the amount of the package', terms.amount, 1);
	if (terms.validForSeconds !== undefined) {
		checkAmount('validForSeconds', terms.validForSeconds, 1, VALID_FOR_SECONDS_MAX);
	}
	checkText('the plan name', terms.planName);
	checkEnd(terms);
}

function sameTerms(row: PackageRow, request: TopUpRequest): boolean {
	const { package: terms } = request;
	return (
		row.account === request.account &&
		row.unit === terms.unit &&
		row.amount === terms.amount &&
		row.plan_name === terms.planName &&
		row.valid_for_seconds === (terms.validForSeconds ?? null) &&
		row.at_end === terms.atEnd &&
		row.throttle_bytes_per_second === (terms.throttleBytesPerSecond ?? null)
	);
}
