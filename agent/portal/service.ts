import type {
	DeviceModel,
	EndModel,
	LiveModel,
	MovementModel,
	PairingModel,
	PlanModel,
	StatusModel,
	WhyModel,
} from '../../ui/portal/models.ts';
import type { AccountId, MacAddress } from '../core/units.ts';

/** What became of a code that was typed; one closed list. `waitMs`: with `wait`. */
export type RedeemAnswer =
	| { readonly answer: 'redeemed' | 'returned' | 'topped_up' }
	| { readonly answer: 'mistyped' | 'unknown' | 'used' | 'expired' | 'refused' | 'full' }
	| { readonly answer: 'wait'; readonly waitMs: number };

export type GiftAnswer =
	/** `code`: only the first time. */
	| { readonly answer: 'given'; readonly code?: string }
	| { readonly answer: 'too_little'; readonly availableBytes: number };

/**
 * What the portal needs of the rest. Members that are absent are things that this agent cannot do: they have no page. All may
 * throw an OctroiError; a station is always named by what the network says it is.
 */
export type PortalService = {
	/** Those that are sold. */
	readonly plans: readonly PlanModel[];
	/** Who pays for a station; undefined: nobody. */
	accountOf(mac: MacAddress): AccountId | undefined;
	live(mac: MacAddress): LiveModel;
	status(mac: MacAddress, account: AccountId): StatusModel;
	/** Why an account that has stopped has stopped. */
	end(account: AccountId): EndModel;
	devices(mac: MacAddress, account: AccountId): DeviceModel[];
	/** False: that device is not of this account. */
	rename(account: AccountId, device: MacAddress, name: string): boolean;
	/** False: that device is not of this account. */
	remove(account: AccountId, device: MacAddress): Promise<boolean>;
	movements(mac: MacAddress, account: AccountId): MovementModel[];
	why(mac: MacAddress, account: AccountId): WhyModel[];

	readonly free?: {
		readonly plan: PlanModel;
		isTaken(mac: MacAddress): boolean;
		/** False: it was taken today, and nothing is left of it. */
		take(mac: MacAddress): Promise<boolean>;
	};
	readonly codes?: { redeem(mac: MacAddress, typed: string): Promise<RedeemAnswer> };
	readonly gifts?: {
		availableBytes(mac: MacAddress, account: AccountId): number;
		/** @param id of the request: asking twice gives once */
		give(account: AccountId, bytes: number, id: string): Promise<GiftAnswer>;
	};
	readonly pairing?: {
		/** The code that is open for an account. */
		shown(account: AccountId): PairingModel | undefined;
		show(account: AccountId): PairingModel;
		join(mac: MacAddress, typed: string): Promise<'paired' | 'wrong' | { readonly waitMs: number }>;
	};
	readonly alerts?: { percent(account: AccountId): number; set(account: AccountId, percent: number): void };
};
