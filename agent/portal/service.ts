import type {
	AlertModel,
	AmountModel,
	BillModel,
	CostModel,
	DeviceModel,
	EndModel,
	GiftModel,
	GroupModel,
	LiveModel,
	MovementModel,
	PairingModel,
	PlanModel,
	SessionModel,
	StatusModel,
	WalletModel,
	WhyModel,
} from '../../ui/portal/models.ts';
import type { AccountId, MacAddress, Unit } from '../core/units.ts';
import type { Requester } from '../session/requester.ts';

/** Why a request has not proved that the account which it changes is the asker's; one closed list. */
export type Unproven =
	| { readonly answer: 'missing' | 'mistyped' | 'wrong' | 'no_code' }
	| { readonly answer: 'wait'; readonly waitMs: number };

/**
 * What became of a wish that takes a device along. `contested`: its hardware address is that of somebody else's session. `unproven`: it would
 * leave an account that still has credit, whose code was not given. `address_taken`: another station has the address by which it comes.
 */
export type Left =
	| { readonly answer: 'contested' | 'address_taken' }
	| { readonly answer: 'unproven'; readonly why: Unproven };

/** What became of a code that was typed; one closed list. `waitMs`: with `wait`. */
export type RedeemAnswer =
	| Left
	| { readonly answer: 'redeemed' | 'returned' | 'topped_up' }
	/** `several`: two different codes were typed; `network`: the QR code that joins the Wi-Fi. */
	| { readonly answer: 'mistyped' | 'several' | 'network' | 'unknown' | 'used' | 'expired' | 'refused' | 'full' }
	| { readonly answer: 'wait'; readonly waitMs: number };

export type GiftAnswer =
	/** `code`: only the first time. */
	{ readonly answer: 'given'; readonly code?: string } | { readonly answer: 'too_little'; readonly available: number };

/** `not_sold`: there is no such plan, or the same form has bought another one. */
export type BuyAnswer =
	| { readonly answer: 'bought' | 'not_sold' | 'nothing_to_extend' }
	| { readonly answer: 'too_little'; readonly availableMicro: number };

export type Credit = { readonly unit: Unit; readonly amount: number };

/** When to be told: exactly one of the two. */
export type AlertWish = { readonly unit: Unit; readonly remaining?: number; readonly usedPercent?: number };

/**
 * What the portal needs of the rest. Members that are absent are things that this agent cannot do: they have no page. All may
 * throw an OctroiError; who asks is always who the network says it is. Ids name a request: asking twice acts once.
 */
export type PortalService = {
	/** Those that are sold. */
	readonly plans: readonly PlanModel[];
	/** Of a stranger nothing is told but that he is one. */
	live(who: Requester): LiveModel;
	/** As {@link live} has it, without a look into the books. */
	state(who: Requester): LiveModel['state'];
	/** Whether he has proved that the account is his: by its code, in this request. Wrong ones count. */
	prove(who: Requester, account: AccountId, typed: string): Unproven | undefined;
	status(mac: MacAddress, account: AccountId): StatusModel;
	/** Why an account that has stopped has stopped. */
	end(account: AccountId): EndModel;
	wallet(account: AccountId): WalletModel | undefined;
	devices(mac: MacAddress, account: AccountId): DeviceModel[];
	/** False: that device is not of this account. */
	rename(account: AccountId, device: MacAddress, name: string): boolean;
	/** False: that device is not of this account. */
	remove(account: AccountId, device: MacAddress): Promise<boolean>;
	movements(account: AccountId): MovementModel[];
	sessions(account: AccountId): SessionModel[];
	/** Undefined: no session of this account. */
	bill(account: AccountId, session: string): BillModel | undefined;
	why(account: AccountId): WhyModel[];
	cost(who: Requester): CostModel;
	/** False: nothing of this account renews by that name. */
	endRenewal(account: AccountId, renewal: string): boolean;
	/** What of its own an account could give away now, at most. */
	giveable(account: AccountId): AmountModel[];

	isInGroup(account: AccountId): boolean;
	groups(account: AccountId): GroupModel[];
	/** What a member could let others take now, at most: of its own, or out of its allowance. */
	shareable(account: AccountId): AmountModel[];
	/** Undefined: as much as there is. False: not a member of this account's group. */
	allow(account: AccountId, member: string, bytes: number | undefined): boolean;
	/** A code by which a member of a group may take so much, once. Nothing is moved yet. */
	permit(account: AccountId, credit: Credit, id: string): string;
	take(account: AccountId, code: string, id: string): Promise<'taken' | 'wrong' | 'too_little'>;

	readonly free?: {
		readonly plan: PlanModel;
		isTaken(mac: MacAddress): boolean;
		/** `used`: it was taken today, and nothing is left of it. */
		take(who: Requester, proof: string): Promise<Left | { readonly answer: 'taken' | 'used' }>;
	};
	/** `proof`: the code of the account that he spends now, if he is to leave it. */
	readonly codes?: { redeem(who: Requester, typed: string, proof: string): Promise<RedeemAnswer> };
	/** Plans that are sold from the wallet. */
	readonly shop?: { buy(account: AccountId, plan: string, id: string): Promise<BuyAnswer> };
	readonly gifts?: {
		give(account: AccountId, credit: Credit, id: string): Promise<GiftAnswer>;
		waiting(account: AccountId): GiftModel[];
		/** False: no waiting gift of this account. */
		takeBack(account: AccountId, gift: string): Promise<boolean>;
	};
	readonly pairing?: {
		/** Opens a code, which is shown this once. */
		show(account: AccountId): PairingModel;
		join(
			who: Requester,
			typed: string,
			proof: string,
		): Promise<Left | { readonly answer: 'paired' | 'wrong' } | { readonly answer: 'wait'; readonly waitMs: number }>;
	};
	readonly alerts?: {
		list(account: AccountId): AlertModel[];
		/** False: there are as many as there may be. */
		set(account: AccountId, wish: AlertWish): boolean;
		/** False: there is none by that name. */
		remove(account: AccountId, alert: string): boolean;
		seen(account: AccountId, alert: string): boolean;
	};
};
