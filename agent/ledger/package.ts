import type { AccountId, Unit, WallMs } from '../core/units.ts';
import type { AtEnd } from './account.ts';
import type { Answer } from './answer.ts';
import type { Moment } from './moment.ts';

/** What is bought. */
export type PackageTerms = {
	readonly unit: Unit;
	/** Whole, 1 to AMOUNT_MAX. */
	readonly amount: number;
	/** Absent: never expires. Counted from the purchase; from the first trusted clock after it if the clock was not set then. */
	readonly validForSeconds?: number;
	readonly planName: string;
	readonly atEnd: AtEnd;
	/** Required with `throttle`, refused with `block`. */
	readonly throttleBytesPerSecond?: number;
};

export type TopUpRequest = {
	/** Made by whoever asks: asking twice is safe. `[A-Za-z0-9][A-Za-z0-9._:-]{0,63}`. It becomes the package's id. */
	readonly transferId: string;
	readonly account: AccountId;
	readonly package: PackageTerms;
	readonly at: Moment;
};

export type TopUpResult = { readonly answer: Answer; readonly package?: Package };

/** A bought plan with its own remaining amount. */
export type Package = {
	/** The id of the top-up transfer that created it. */
	readonly id: string;
	readonly account: AccountId;
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
};
