/** What passes a limit at once when it was not asked for a while: nft_limit's bucket holds a second more than its burst (`nft_limit_init`). */
export const BUCKET_MS = 2500;

/** Bytes of a reading, and when the program that read them began and ended: they were counted somewhere between. */
export type LimitReading = { readonly bytes: number; readonly beganMs: number; readonly endedMs: number };

/** Reads a counter and notes the time on both sides of it. */
export async function readBetween(read: () => Promise<number>): Promise<LimitReading> {
	const beganMs = performance.now();
	const bytes = await read();
	return { bytes, beganMs, endedMs: performance.now() };
}

/**
 * Bytes that passed between two readings beyond what a limit allows in the longest time that may lie between them, with a full bucket.
 * A slow machine moves less and reads later, so that this is above 0 only when the limit is not held: it holds anywhere.
 */
export function bytesAboveLimit(first: LimitReading, last: LimitReading, bitsPerSecond: number): number {
	const allowedMs = last.endedMs - first.beganMs + BUCKET_MS;
	return Math.round(last.bytes - first.bytes - (bitsPerSecond * allowedMs) / 8000);
}
