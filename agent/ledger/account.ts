import type { AccountId, Unit, WallMs } from '../core/units.ts';

/** What becomes of a station when the last package has ended. */
export type AtEnd = 'block' | 'throttle';

/** How an account stands at its end. `throttleBytesPerSecond` only with `throttle`. */
export type End = {
	readonly atEnd: AtEnd;
	readonly throttleBytesPerSecond?: number;
	/** The package that decides; absent when it is the account's own default. */
	readonly package?: string;
	/** When a throttle ends too, because the package that brought it is then no longer valid. */
	readonly untilWallMs?: WallMs;
};

export type CreateAccountRequest = {
	readonly id: AccountId;
	/** For an account of which no package was ever spent. Default: block. */
	readonly atEnd?: AtEnd;
	readonly throttleBytesPerSecond?: number;
};

/** An amount per unit, always with both units. */
export type Amounts = Readonly<Record<Unit, number>>;

export type Account = {
	readonly id: AccountId;
	/** Administratively: reserves nothing, whatever the balance. */
	readonly blocked: boolean;
	readonly createdWallMs: WallMs;
	/** Neither used nor reserved. Packages that have expired, but were not settled since, are still in it. */
	readonly available: Amounts;
	/** In open grants. */
	readonly reserved: Amounts;
	/** Forwarded (bytes) or elapsed (seconds) in all sessions, paid or not. */
	readonly used: Amounts;
};
