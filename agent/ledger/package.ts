import type { AccountId, Unit, UsageUnit, WallMs } from '../core/units.ts';
import type { AtEnd } from './account.ts';
import type { Answer } from './answer.ts';
import type { Moment } from './moment.ts';
import type { NamedTariff } from './tariff-store.ts';

/** Bytes per second in each direction; absent: no limit. */
export type Pace = { readonly upBytesPerSecond?: number; readonly downBytesPerSecond?: number };

/** What flows of one class, those of the station itself or of devices behind it, may have of a package. */
export type ClassPolicy = {
	/** `allowed`: all that there is. They are counted apart in any case. */
	readonly rule: 'allowed' | 'slowed' | 'blocked';
	/** Exactly with `slowed`: all flows of the class of an account together, in each direction. */
	readonly bytesPerSecond?: number;
	/** Not with `allowed`: so many bytes of the class pass of the package before. Default 0. */
	readonly afterBytes?: number;
};

/** What is bought. */
export type PackageTerms = {
	/** `micro`: money for the wallet, spent by `tariff`. */
	readonly unit: Unit;
	/** Whole, 1 to AMOUNT_MAX. */
	readonly amount: number;
	/**
	 * Absent: never expires. Until the wall clock is known to be set it runs on the boot clock, and begins anew with a boot.
	 */
	readonly validForSeconds?: number;
	/** When the validity begins. Default: purchase. */
	readonly validFrom?: 'purchase' | 'first_use';
	readonly planName: string;
	readonly atEnd: AtEnd;
	/** Required with `throttle`, refused with `block`. */
	readonly throttleBytesPerSecond?: number;
	/** What may still be used, unpaid, after the end and before it is blocked: once for each purchase. Refused with `throttle`. */
	readonly grace?: { readonly unit: UsageUnit; readonly amount: number };
	/** How fast it may be spent, by all stations of the account together. */
	readonly pace?: Pace;
	/** How many stations may spend from it at the same time. */
	readonly stationsMax?: number;
	/** For the stations' own flows, and for those of devices behind them. Absent: what the venue allows. */
	readonly own?: ClassPolicy;
	readonly tethered?: ClassPolicy;
	/** Required for `micro`, refused otherwise. From this purchase on the whole wallet is spent by it. */
	readonly tariff?: NamedTariff;
	/** Bought anew each cycle of `validForSeconds`; what is left of the old one expires. */
	readonly renews?: boolean;
	/** Extends the validity of the running package of its unit that expires last: both expire then. */
	readonly addOn?: boolean;
};

export type TopUpRequest = {
	/** Made by whoever asks: asking twice is safe. `[A-Za-z0-9][A-Za-z0-9._:-]{0,63}`. It becomes the package's id. */
	readonly transferId: string;
	readonly account: AccountId;
	readonly package: PackageTerms;
	readonly at: Moment;
};

export type TopUpResult = { readonly answer: Answer; readonly package?: Package };

/**
 * How it came: bought; issued by a new cycle; received from another account; drawn from a group as far as it is needed; or
 * allowed after the end.
 */
export type PackageKind = 'bought' | 'renewed' | 'received' | 'share' | 'grace';

/** A bought plan with its own remaining amount. */
export type Package = {
	/** The id of the transfer that created it. */
	readonly id: string;
	readonly account: AccountId;
	readonly kind: PackageKind;
	readonly planName: string;
	readonly unit: Unit;
	/** As bought. */
	readonly amount: number;
	/** Not yet used: available and reserved together. */
	readonly remaining: number;
	/** In an open grant. */
	readonly reserved: number;
	readonly boughtWallMs: WallMs;
	readonly expiresAtWallMs?: WallMs;
	readonly atEnd: AtEnd;
	readonly throttleBytesPerSecond?: number;
	readonly pace?: Pace;
	readonly stationsMax?: number;
	readonly own?: ClassPolicy;
	readonly tethered?: ClassPolicy;
	/** The group's package, for a share; the giver's, for what was received; the package that an add-on extended. */
	readonly source?: string;
	/** The group whose package a share draws from. */
	readonly group?: AccountId;
	readonly renews?: true;
	/** The name of the tariff that it was bought with. */
	readonly tariff?: string;
};
