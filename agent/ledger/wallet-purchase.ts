import { OctroiError } from '../core/octroi-error.ts';
import type { TopUpRequest, TopUpResult } from './package.ts';
import { checkAmount } from './request-check.ts';
import { checkTopUp } from './terms-check.ts';
import { type TopUpStores, topUp } from './top-up.ts';

/** A plan that is paid from the account's own money. */
export type BuyRequest = TopUpRequest & {
	/** 1 to AMOUNT_MAX. */
	readonly priceMicro: number;
};

/** `availableMicro`: with `too_little`, what can be spent on plans now. */
export type BuyResult = Omit<TopUpResult, 'answer'> & {
	readonly answer: TopUpResult['answer'] | 'too_little';
	readonly availableMicro?: number;
};

/** @throws OctroiError `invalid_value` */
export function checkBuy(request: BuyRequest): void {
	checkTopUp(request);
	checkAmount('the price', request.priceMicro, 1);
	if (request.package.unit === 'micro') throw new OctroiError('invalid_value', 'money is not bought with money');
}

/**
 * Pays a plan from the wallet and credits it, both or neither. A repeated request pays nothing. What is reserved for running
 * traffic cannot be spent: the caller lets go of it first. Only inside of a transaction of its caller.
 */
export function buyFromWallet(request: BuyRequest, stores: TopUpStores): BuyResult {
	const { accounts, packages, books, alerts } = stores;
	const { transferId, priceMicro, at } = request;
	const account = accounts.find(request.account);
	if (account === undefined || packages.byId(transferId) !== undefined) return topUp(request, stores);
	// One's own money only: what a group shares is for what its members use.
	const money = packages
		.live(account.number, at, account.grace)
		.packages.filter(({ unit, kind, hasEnded }) => unit === 'micro' && kind !== 'share' && hasEnded !== true);
	const availableMicro = money.reduce((sum, { remaining, reserved }) => sum + remaining - reserved, 0);
	if (availableMicro < priceMicro) return { answer: 'too_little', availableMicro };
	const bought = topUp(request, stores);
	if (bought.answer !== 'created') return bought;

	const now = accounts.byNumber(account.number);
	const chain = { account: now.number, last: now.last_transfer };
	const credit = books.house('sold', 'micro');
	let left = priceMicro;
	for (const { balance, remaining, reserved } of money) {
		const amount = Math.min(left, remaining - reserved);
		if (amount <= 0) continue;
		left -= amount;
		books.append(chain, { kind: 'transfer', reason: 'spent', unit: 'micro', debit: balance, credit, amount, at });
	}
	accounts.store(chain, now.last_package);
	alerts.evaluate(account.number, at);
	return bought;
}
