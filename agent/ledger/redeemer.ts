import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId } from '../core/units.ts';
import type { GiftRow, GiftStore } from './gift-store.ts';
import { validityTime } from './moment.ts';
import type { PackageTerms } from './package.ts';
import { packageOf } from './package-row.ts';
import { type TopUpStores, topUp } from './top-up.ts';
import type { Redeemed, RedeemRequest, Redemption } from './voucher.ts';
import { hasEnded, type VoucherRow, type VoucherStore } from './voucher-store.ts';

type Stores = TopUpStores & {
	readonly vouchers: VoucherStore;
	readonly gifts: GiftStore;
};

/** The ledger's own transfers: no caller can take their ids. A set is credited once, whichever card comes first. */
export function voucherTransferId({ batch, serial, set_account }: VoucherRow): string {
	return set_account === null ? `~voucher-${batch}-${serial}` : `~set-${batch}`;
}

/** Redeems a code of any kind together with its credit. Only inside of a transaction of its caller. */
export class Redeemer {
	readonly #stores: Stores;

	constructor(stores: Stores) {
		this.#stores = stores;
	}

	redeem(request: RedeemRequest): Redemption {
		const { accounts, vouchers, gifts } = this.#stores;
		const code = vouchers.code(request.hash);
		if (code === undefined) return { answer: 'unknown' };
		if (request.account !== undefined && accounts.find(request.account) === undefined) return { answer: 'no_account' };
		if (code.gift !== null) return this.#claim(gifts.byNumber(code.gift), request);
		const voucher = vouchers.voucher(code.voucher as number);
		return voucher.set_account === null
			? this.#single(voucher, request)
			: this.#card(voucher, voucher.set_account, request);
	}

	#single(voucher: VoucherRow, request: RedeemRequest): Redemption {
		const { accounts, vouchers } = this.#stores;
		if (voucher.account !== null && voucher.redeemed_wall_ms !== null) {
			const isSame = request.account === undefined ? voucher.opens === 1 : request.account === voucher.account;
			if (!isSame) return { answer: 'used', redeemedWallMs: voucher.redeemed_wall_ms };
			return { answer: 'returned', ...this.#redeemed(voucher, voucher.account, voucher.opens === 1) };
		}
		if (voucher.revoked_wall_ms !== null) return { answer: 'void' };
		if (hasEnded(voucher.valid_until_wall_ms, request.at.trustedWallMs ?? null)) return { answer: 'expired' };
		const opens = request.account === undefined;
		const account = request.account ?? this.#makeAccount(`${voucher.batch}-${voucher.serial}`, request);
		this.#credit(voucher, account, request);
		vouchers.markRedeemed(voucher, accounts.find(account)?.number as number, opens, request.at.wallMs);
		return { answer: 'redeemed', ...this.#redeemed(voucher, account, opens) };
	}

	#card(card: VoucherRow, account: AccountId, request: RedeemRequest): Redemption {
		const { accounts, packages, vouchers } = this.#stores;
		if (card.revoked_wall_ms !== null) return { answer: 'blocked' };
		if (request.account !== undefined && request.account !== account) return { answer: 'bound' };
		if (card.account !== null) return { answer: 'returned', ...this.#redeemed(card, account, true) };
		const isCredited = packages.byId(voucherTransferId(card)) !== undefined;
		// Once the set is in use its cards are keys to what was paid for; only an untouched set runs out.
		if (!isCredited && hasEnded(card.valid_until_wall_ms, request.at.trustedWallMs ?? null))
			return { answer: 'expired' };
		if (!isCredited) this.#credit(card, account, request);
		vouchers.markRedeemed(card, accounts.find(account)?.number as number, true, request.at.wallMs);
		return { answer: 'redeemed', ...this.#redeemed(card, account, true), ...(isCredited ? { packages: [] } : {}) };
	}

	#claim(gift: GiftRow, request: RedeemRequest): Redemption {
		const { gifts } = this.#stores;
		if (gift.state === 'claimed' && gift.receiver !== null) {
			const isSame = request.account === undefined ? gift.opens === 1 : request.account === gift.receiver;
			if (!isSame) return { answer: 'used', redeemedWallMs: gift.ended_wall_ms ?? gift.given_wall_ms };
			return { answer: 'returned', ...receivedGift(gift.receiver, gift.opens === 1), packages: gifts.received(gift) };
		}
		if (gift.state === 'returned') return { answer: 'void' };
		if (hasEnded(gift.valid_until_wall_ms, validityTime(request.at))) return { answer: 'expired' };
		const opens = request.account === undefined;
		const account = request.account ?? this.#makeAccount(`gift-${gift.number}`, request);
		const packages = gifts.claim(gift, account, opens, request.at);
		return { answer: 'redeemed', ...receivedGift(account, opens), packages };
	}

	/** The code is the identity: its account is found again by the code alone. An operator may have taken the name. */
	#makeAccount(name: string, { at }: RedeemRequest): AccountId {
		const { accounts } = this.#stores;
		let id = name;
		for (let next = 2; accounts.find(id as AccountId) !== undefined; next++) id = `${name}.${next}`;
		accounts.create({ id: id as AccountId }, at.wallMs);
		return id as AccountId;
	}

	#credit(voucher: VoucherRow, account: AccountId, { at }: RedeemRequest): void {
		const terms = JSON.parse(voucher.terms) as PackageTerms;
		const { answer } = topUp({ transferId: voucherTransferId(voucher), account, package: terms, at }, this.#stores);
		// Takes everything back: what is not credited is not redeemed.
		if (answer !== 'created') throw new OctroiError('not_allowed', `the voucher could not be credited: ${answer}`);
	}

	#redeemed(voucher: VoucherRow, account: AccountId, opens: boolean): Redeemed {
		const row = this.#stores.packages.byId(voucherTransferId(voucher));
		const { batch, serial, devices, set_account } = voucher;
		return {
			kind: set_account === null ? 'voucher' : 'card',
			account,
			opens,
			devices,
			...(set_account === null ? {} : { card: { set: batch, serial, isControl: voucher.control === 1 } }),
			packages: row === undefined ? [] : [packageOf(row)],
		};
	}
}

function receivedGift(account: AccountId, opens: boolean): Omit<Redeemed, 'packages'> {
	return { kind: 'gift', account, opens, devices: 1 };
}
