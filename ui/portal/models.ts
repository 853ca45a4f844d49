import type { Html } from './html.ts';

/** What the pages show: plain values, already decided. The server fills them; pages decide nothing but the drawing. */

/** The venue, as its configuration has it. */
export type Venue = {
	readonly name: string;
	/** `#rrggbb` */
	readonly accent: string;
	/** Path of its logo on this server; undefined: there is none. */
	readonly logo?: string;
};

/** Which pages there are: one for what does not work is never linked. */
export type Features = {
	readonly redeem: boolean;
	readonly pair: boolean;
	readonly gift: boolean;
	readonly alerts: boolean;
	/** This account shares credit with others. */
	readonly group: boolean;
};

export type Notice = { readonly kind: 'good' | 'bad'; readonly text: string };

/** A form's hidden fields: what proves that it came from a page of ours, for this station. */
export type FormProof = (action: string) => Html;

export type PlanModel = {
	readonly name: string;
	readonly title: string;
	readonly unit: string;
	readonly amount: number;
	/** For which it is sold from the wallet. */
	readonly priceMicro?: number;
	readonly validForSeconds?: number;
	readonly validFrom?: 'purchase' | 'first_use';
	readonly throttleBytesPerSecond?: number;
	/** Free, after the end. */
	readonly grace?: AmountModel;
	readonly pace?: PaceModel;
	readonly stationsMax?: number;
	readonly renews?: boolean;
	readonly addOn?: boolean;
	/** Of a plan of money. */
	readonly tariff?: TariffModel;
	/** What stations themselves, and devices behind them, may have of it; absent: nobody looks. */
	readonly own?: ClassTerms;
	readonly tethered?: ClassTerms;
};

export type ClassTerms = {
	readonly rule: 'allowed' | 'slowed' | 'blocked';
	readonly bytesPerSecond?: number;
	readonly afterBytes?: number;
};

export type PaceModel = { readonly upBytesPerSecond?: number; readonly downBytesPerSecond?: number };

/** What is used costs `priceMicro` for `per` bytes or seconds, after what is free, by `first` and `step`. */
export type TariffModel = {
	readonly name: string;
	readonly unit: string;
	readonly priceMicro: number;
	readonly per: number;
	readonly free: number;
	readonly first: number;
	readonly step: number;
};

/** Money that is spent after all packages. */
export type WalletModel = {
	readonly amount: number;
	readonly tariff?: TariffModel;
	/** What it would buy by the tariff. */
	readonly enough?: AmountModel;
};

export type AmountModel = { readonly unit: string; readonly amount: number };

/** `none`: it may be taken once more tomorrow; undefined: the venue gives nothing away. */
export type FreePlanModel = { readonly plan: PlanModel; readonly isTaken: boolean };

export type PackageModel = {
	readonly plan: string;
	readonly unit: string;
	readonly amount: number;
	readonly remaining: number;
	readonly expiresAtWallMs?: number;
	/** While no date is known: how long it is valid yet. */
	readonly leftSeconds?: number;
	readonly pace?: PaceModel;
	readonly stationsMax?: number;
	/** Of what is issued anew at its expiry: by which that can be ended. */
	readonly renewal?: string;
};

/** What a member may draw in a cycle, and has. Without an allowance: as much as there is. */
export type AllowanceModel = { readonly unit: string; readonly drawn: number; readonly allowance?: number };

export type GroupModel = {
	readonly group: string;
	/** What the group itself has left. */
	readonly left: readonly AmountModel[];
	/** Of the customer; empty for the group's own account. */
	readonly mine: readonly AllowanceModel[];
	/** Only for the group's own account. */
	readonly members: readonly { readonly account: string; readonly allowances: readonly AllowanceModel[] }[];
	/** How many more members there are. */
	readonly hidden?: number;
};

export type GiftModel = {
	readonly id: string;
	readonly unit: string;
	readonly amount: number;
	readonly untilWallMs?: number;
	/** While no date is known: how long it is offered yet. */
	readonly leftSeconds?: number;
};

/** Exactly one of `remaining` and `usedPercent`. */
export type AlertModel = {
	readonly id: string;
	readonly unit: string;
	readonly remaining?: number;
	readonly usedPercent?: number;
	/** What is left of its unit. */
	readonly left: number;
	/** Crossed, and not yet seen. */
	readonly isLow: boolean;
	/** The ledger has noted it, so that it can be noted as seen. */
	readonly isRaised: boolean;
};

export type DeviceModel = {
	readonly mac: string;
	/** As its owner named it, or as it names itself: hostile text. */
	readonly name?: string;
	readonly isThis: boolean;
	readonly usedBytes: number;
};

/** A short-lived code that lets one more device in. */
export type PairingModel = { readonly code: string; readonly validMs: number };

/** Bytes of each of the last hours, oldest first. */
export type ChartModel = { readonly hours: readonly { readonly startWallMs: number; readonly bytes: number }[] };

/** What changes from second to second. */
export type LiveModel = {
	readonly state: 'active' | 'throttled' | 'blocked' | 'walled';
	/** Undefined: nothing is counted down (fair use). */
	readonly remaining?: { readonly unit: string; readonly amount: number; readonly of: number };
	/** What is left of the package that is being used. */
	readonly current?: { readonly unit: string; readonly amount: number };
	readonly sessionBytes: number;
	readonly upBytesPerSecond: number;
	readonly downBytesPerSecond: number;
	/** What the customer wants to be told of now. */
	readonly low: readonly AlertModel[];
	readonly wallet?: WalletModel;
	/** What its own flows may have now; absent: everything. */
	readonly own?: 'slowed' | 'blocked';
	/** What of it devices behind this one used, and what they may have now; absent: nothing was seen of such. */
	readonly tethered?: { readonly bytes: number; readonly state: 'allowed' | 'slowed' | 'blocked' };
};

export type StatusModel = LiveModel & {
	/** Its own; those of its groups are in `groups`. */
	readonly packages: readonly PackageModel[];
	readonly groups: readonly GroupModel[];
	readonly devices: readonly DeviceModel[];
	readonly chart: ChartModel;
	readonly clockIsSet: boolean;
};

/** Why an account cannot go on. */
export type EndModel = {
	/**
	 * `allowance`: the group has more, but not for this member in this cycle. `rest`: what is left is less than a packet. `part`: this device itself may
	 * have no more of it by the plan. `unbooked`: the router cannot book, so it gives nothing.
	 */
	readonly cause: 'used' | 'rest' | 'expired' | 'blocked' | 'nothing' | 'allowance' | 'part' | 'unbooked';
	readonly plan?: string;
	readonly unit?: string;
	readonly amount?: number;
};

export type MovementModel = {
	readonly wallMs: number;
	readonly reason: string;
	readonly unit: string;
	readonly amount: number;
	readonly plan?: string;
};

/** The record of one session: one device, from its coming until it went, or its credit ended. */
export type SessionModel = {
	readonly session: string;
	/** As its owner named it, or as it names itself: hostile text. */
	readonly device: string;
	readonly startWallMs: number;
	/** Absent while it is open. */
	readonly endWallMs?: number;
	readonly end?: 'left' | 'moved' | 'lost' | 'used_up' | 'expired' | 'other';
	readonly bytes: number;
	readonly seconds: number;
	readonly costMicro: number;
	/** Of `bytes` or `seconds`: counted since the last entry of the books. */
	readonly open?: AmountModel;
};

/** The bill of a session, in the order of deduction. */
export type BillModel = SessionModel & {
	readonly lines: readonly (AmountModel & {
		readonly reason: string;
		/** The plan or tariff. */
		readonly of?: string;
		readonly costMicro: number;
		/** What of it devices behind used. */
		readonly tetheredBytes?: number;
	})[];
	readonly totalMicro: number;
};

/** How a package came; and what is behind it: the group's, the giver's, that of the cycle before. */
export type PurchaseModel = AmountModel & {
	readonly plan: string;
	readonly kind: string;
	readonly wallMs: number;
	readonly from?: PurchaseModel;
};

/** A tree: a session, what of it was paid with what, and where that came from. */
export type WhyModel = SessionModel & {
	readonly items: readonly (AmountModel & {
		readonly reason: string;
		readonly costMicro?: number;
		readonly tetheredBytes?: number;
		readonly tariff?: TariffModel;
		readonly purchase?: PurchaseModel;
	})[];
};

/** What the network costs this station now, for programs: `docs/portal-api.json` explains each. */
export type CostModel = {
	readonly metered: boolean;
	readonly state: LiveModel['state'];
	readonly class: 'own';
	readonly paidBy: 'nothing' | 'package' | 'wallet' | 'grace' | 'fair-use';
	readonly price: { readonly micro: number; readonly per: number; readonly unit: string; readonly currency: string };
	readonly remaining?: AmountModel;
	readonly walletMicro?: number;
	readonly speed?: PaceModel;
	readonly own?: 'slowed' | 'blocked';
	readonly tethered?: 'allowed' | 'slowed' | 'blocked';
	readonly free: { readonly names: readonly string[]; readonly ranges: readonly string[] };
};
