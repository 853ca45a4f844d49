import type { AccountId, Unit, UsageUnit, WallMs } from '../core/units.ts';

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

/** An amount per unit, always with all units. */
export type Amounts = Readonly<Record<Unit, number>>;

/** An amount of what a station uses, always with both units. */
export type UsageAmounts = Readonly<Record<UsageUnit, number>>;

export function noAmounts(): Record<Unit, number> {
	return { byte: 0, second: 0, micro: 0 };
}

export type Account = {
	readonly id: AccountId;
	/** Administratively: reserves nothing, whatever the balance. */
	readonly blocked: boolean;
	readonly createdWallMs: WallMs;
	/** The name of the tariff by which its wallet is spent. */
	readonly tariff?: string;
	/** Neither used nor reserved; without grace. Packages that have expired, but were not settled since, are still in it. */
	readonly available: Amounts;
	/** In open grants. */
	readonly reserved: Amounts;
	/** What is left of the grace allowance after the end; absent if none was given since the last purchase. */
	readonly grace?: { readonly unit: UsageUnit; readonly remaining: number };
	/** Forwarded (bytes) or elapsed (seconds) in all sessions, paid or not; and what of it was paid from wallets. */
	readonly used: Amounts;
};
