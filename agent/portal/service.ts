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

/** What became of a code that was typed; one closed list. `waitMs`: with `wait`. */
export type RedeemAnswer =
	| { readonly answer: 'redeemed' | 'returned' | 'topped_up' }
	| { readonly answer: 'mistyped' | 'unknown' | 'used' | 'expired' | 'refused' | 'full' }
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
 * throw an OctroiError; a station is always named by what the network says it is. Ids name a request: asking twice acts once.
 */
export type PortalService = {
	/** Those that are sold. */
	readonly plans: readonly PlanModel[];
	/** Who pays for a station; undefined: nobody. */
	accountOf(mac: MacAddress): AccountId | undefined;
	live(mac: MacAddress): LiveModel;
	/** As {@link live} has it, without a look into the books. */
	state(mac: MacAddress): LiveModel['state'];
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
	cost(mac: MacAddress): CostModel;
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
		/** False: it was taken today, and nothing is left of it. */
		take(mac: MacAddress): Promise<boolean>;
	};
	readonly codes?: { redeem(mac: MacAddress, typed: string): Promise<RedeemAnswer> };
	/** Plans that are sold from the wallet. */
	readonly shop?: { buy(account: AccountId, plan: string, id: string): Promise<BuyAnswer> };
	readonly gifts?: {
		give(account: AccountId, credit: Credit, id: string): Promise<GiftAnswer>;
		waiting(account: AccountId): GiftModel[];
		/** False: no waiting gift of this account. */
		takeBack(account: AccountId, gift: string): Promise<boolean>;
	};
	readonly pairing?: {
		/** The code that is open for an account. */
		shown(account: AccountId): PairingModel | undefined;
		show(account: AccountId): PairingModel;
		join(mac: MacAddress, typed: string): Promise<'paired' | 'wrong' | { readonly waitMs: number }>;
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
