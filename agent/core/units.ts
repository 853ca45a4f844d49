/**
 * Branded integer units: a byte is never added to a second by accident.
 * All amounts are whole numbers in the smallest unit; floats appear only when something is drawn.
 */

declare const brand: unique symbol;
type Branded<Value, Name extends string> = Value & { readonly [brand]: Name };

/** Layer-3 bytes, as forwarded (`skb->len` at the forward hook). */
export type Bytes = Branded<number, 'bytes'>;
/** Whole seconds of the boot clock. */
export type Seconds = Branded<number, 'seconds'>;
/** Milliseconds since the Unix epoch, by the wall clock: for records that people read, never for durations. */
export type WallMs = Branded<number, 'wall-ms'>;
/** Milliseconds since boot: the only clock that durations are taken from. */
export type BootMs = Branded<number, 'boot-ms'>;
/** The number of a meter, from 1; 0 means "no meter". How many there are depends on the bits of the mark: `meterMax`. */
export type MeterId = Branded<number, 'meter-id'>;
/** A customer's account: `[a-z0-9][a-z0-9._-]{0,63}`. */
export type AccountId = Branded<string, 'account-id'>;
/** A station's hardware address, lower case, colons: `02:00:00:00:00:01`. */
export type MacAddress = Branded<string, 'mac-address'>;

/** What a balance counts; `micro` are millionths of the currency. A tariff turns one into another by explicit transfers; nothing else does. */
export type Unit = 'byte' | 'second' | 'micro';
/** What a station uses, and the kernel limits. */
export type UsageUnit = Exclude<Unit, 'micro'>;

/**
 * The largest amount that one transfer or one balance may hold: 2^50 (1 PiB, or 35 million years).
 * Far below 2^53, so that sums of thousands of balances are still exact in a double.
 */
export const AMOUNT_MAX = 2 ** 50;

/** Is it a whole number from 0 to {@link AMOUNT_MAX}? */
export function isAmount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= AMOUNT_MAX;
}
