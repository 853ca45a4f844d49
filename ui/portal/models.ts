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
};

export type Notice = { readonly kind: 'good' | 'bad'; readonly text: string };

/** A form's hidden fields: what proves that it came from a page of ours, for this station. */
export type FormProof = (action: string) => Html;

export type PlanModel = {
	readonly name: string;
	readonly title: string;
	readonly unit: string;
	readonly amount: number;
	readonly validForSeconds?: number;
	readonly throttleBytesPerSecond?: number;
};

/** `none`: it may be taken once more tomorrow; undefined: the venue gives nothing away. */
export type FreePlanModel = { readonly plan: PlanModel; readonly isTaken: boolean };

export type PackageModel = {
	readonly plan: string;
	readonly unit: string;
	readonly amount: number;
	readonly remaining: number;
	readonly expiresAtWallMs?: number;
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
	/** Fewer than the customer wants to be told of. */
	readonly isLow: boolean;
};

export type StatusModel = LiveModel & {
	readonly packages: readonly PackageModel[];
	readonly devices: readonly DeviceModel[];
	readonly chart: ChartModel;
	readonly clockIsSet: boolean;
};

/** Why an account cannot go on. */
export type EndModel = {
	readonly cause: 'used' | 'expired' | 'blocked' | 'nothing';
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

/** A tree: what was used, by what it was paid with. */
export type WhyModel = {
	readonly unit: string;
	readonly amount: number;
	readonly paid: readonly { readonly plan: string; readonly amount: number }[];
	readonly unpaid: readonly { readonly reason: string; readonly amount: number }[];
};
