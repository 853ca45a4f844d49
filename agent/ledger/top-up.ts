import { OctroiError } from '../core/octroi-error.ts';
import { AMOUNT_MAX } from '../core/units.ts';
import type { AccountRow, AccountStore } from './account-store.ts';
import type { Alerts } from './alert-store.ts';
import type { Books } from './books.ts';
import type { TopUpRequest, TopUpResult } from './package.ts';
import { type PackageRow, packageOf } from './package-row.ts';
import type { PackageStore } from './package-store.ts';
import type { Renewals } from './renewal-store.ts';
import type { TariffStore } from './tariff-store.ts';

export type TopUpStores = {
	readonly accounts: AccountStore;
	readonly packages: PackageStore;
	readonly tariffs: TariffStore;
	readonly renewals: Renewals;
	readonly alerts: Alerts;
	readonly books: Books;
};

/**
 * Buys a package. A repeated request is recognised before anything that may have changed since is looked at:
 * what succeeded once is never refused the second time. Only inside of a transaction of its caller.
 *
 * @throws OctroiError `invalid_value` when the account's balance would exceed AMOUNT_MAX
 */
export function topUp(request: TopUpRequest, stores: TopUpStores): TopUpResult {
	const { accounts, packages } = stores;
	const found = packages.byId(request.transferId);
	if (found !== undefined && !sameTerms(found, request, stores)) return { answer: 'exists_with_different_values' };
	if (found !== undefined) return { answer: 'exists', package: packageOf(found) };
	const account = accounts.find(request.account);
	if (account === undefined) return { answer: 'not_found' };
	const extended = request.package.addOn === true ? runningPackage(account, request, stores) : null;
	if (extended === undefined) return { answer: 'nothing_to_extend' };
	buy(request, account, extended, stores);
	return { answer: 'created', package: packageOf(packages.byId(request.transferId) as PackageRow) };
}

function buy(request: TopUpRequest, account: AccountRow, extended: PackageRow | null, stores: TopUpStores): void {
	const { accounts, packages, tariffs, renewals, alerts, books } = stores;
	const { package: terms, at, transferId: id } = request;
	refuseTooMuch(request, account, packages);
	const tariff = terms.tariff === undefined ? null : tariffs.numberOf(terms.tariff);
	const chain = { account: account.number, last: account.last_transfer };
	const balance = packages.add({
		id,
		account: account.number,
		kind: 'bought',
		terms,
		tariff,
		at,
		...(extended === null
			? {}
			: {
					source: extended.balance,
					expiresAtWallMs: extend(extended, request, packages),
					datedAtMs: extended.dated_at_ms,
				}),
	});
	const debit = books.house('issued', terms.unit);
	const bought = { kind: 'transfer', reason: 'topup', unit: terms.unit, debit, credit: balance } as const;
	books.append(chain, { ...bought, id, amount: terms.amount, at });
	accounts.store(chain, account.last_package);
	accounts.setGrace(account.number, null);
	if (tariff !== null) accounts.setTariff(account.number, tariff);
	if (terms.renews === true) renewals.begin(id, account.number, balance);
	alerts.evaluate(account.number, at);
}

/** The running package of the same unit that expires last. While no date is known, nobody knows what is running. */
function runningPackage(
	account: AccountRow,
	{ package: { unit }, at }: TopUpRequest,
	{ packages }: TopUpStores,
): PackageRow | undefined {
	const [last] = packages
		.live(account.number, at, account.grace)
		.packages.filter((row) => row.unit === unit && row.kind !== 'share' && row.kind !== 'grace')
		.filter((row) => row.hasEnded !== true && row.expiresAtWallMs !== null)
		.toSorted((a, b) => (b.expiresAtWallMs as number) - (a.expiresAtWallMs as number));
	return last && packages.byBalance(last.balance);
}

/** What is bought lasts from the end of what is running; both end then. */
function extend(
	running: PackageRow,
	{ package: { validForSeconds = 0 } }: TopUpRequest,
	packages: PackageStore,
): number {
	const expiresAtWallMs = (running.expiresAtWallMs as number) + validForSeconds * 1000;
	packages.setExpiry(running.balance, expiresAtWallMs, running.dated_at_ms);
	return expiresAtWallMs;
}

function refuseTooMuch(request: TopUpRequest, account: AccountRow, packages: PackageStore): void {
	const { unit, amount } = request.package;
	const held = packages.rows(account.number).reduce((sum, row) => sum + (row.unit === unit ? row.remaining : 0), 0);
	if (held + amount <= AMOUNT_MAX) return;
	throw new OctroiError('invalid_value', `the balance of ${request.account} would exceed ${AMOUNT_MAX}`, {
		fix: 'buy a smaller package',
	});
}

function sameTerms(row: PackageRow, request: TopUpRequest, { tariffs }: TopUpStores): boolean {
	const { package: terms } = request;
	const isSameEnd =
		row.at_end === terms.atEnd &&
		row.throttle_bytes_per_second === (terms.throttleBytesPerSecond ?? null) &&
		row.grace_unit === (terms.grace?.unit ?? null) &&
		row.grace_amount === (terms.grace?.amount ?? null);
	const isSameUse =
		row.up_bytes_per_second === (terms.pace?.upBytesPerSecond ?? null) &&
		row.down_bytes_per_second === (terms.pace?.downBytesPerSecond ?? null) &&
		row.stations_max === (terms.stationsMax ?? null) &&
		row.tethered_rule === (terms.tethered?.rule ?? null) &&
		row.tethered_bytes_per_second === (terms.tethered?.bytesPerSecond ?? null) &&
		row.tethered_after_bytes === (terms.tethered?.afterBytes ?? null) &&
		row.own_rule === (terms.own?.rule ?? null) &&
		row.own_bytes_per_second === (terms.own?.bytesPerSecond ?? null) &&
		row.own_after_bytes === (terms.own?.afterBytes ?? null) &&
		row.tariff === (terms.tariff === undefined ? null : (tariffs.find(terms.tariff) ?? -1));
	return (
		isSameEnd &&
		isSameUse &&
		row.account === request.account &&
		row.kind === 'bought' &&
		row.unit === terms.unit &&
		row.amount === terms.amount &&
		row.plan_name === terms.planName &&
		row.valid_for_seconds === (terms.validForSeconds ?? null) &&
		row.valid_from === (terms.validFrom ?? 'purchase') &&
		(row.renew_every_seconds !== null) === (terms.renews === true) &&
		(row.add_on === 1) === (terms.addOn === true)
	);
}
