import type { PoolReading, QuotaReading } from './gate.ts';

/** Bounds of what is granted at once. */
export type WindowLimits = {
	/** The smallest grant: what a station may burst before the agent has seen it. */
	readonly bytesMin: number;
	/** The largest: what a power cut can cost at most, per account. */
	readonly bytesMax: number;
	/** For how long a grant should last at the present rate. */
	readonly seconds: number;
};

/**
 * One Ethernet frame's worth of layer 3. A remainder below it can never be spent (the first full packet exceeds it), so it
 * is not granted: it stays in the balance and adds to the next top-up.
 */
export const REMAINDER_BYTES = 1500;

/**
 * How many bytes shall stand granted to an account.
 *
 * @param spendableBytes all that its packages still hold, granted or not, after what was used
 * @param openBytes what the kernel may still spend of earlier grants; it is not taken back while it is in use
 * @param bytesPerSecond the present rate
 * @returns 0 when the rest cannot be spent
 */
export function windowBytes(
	{ spendableBytes, openBytes, bytesPerSecond }: { spendableBytes: number; openBytes: number; bytesPerSecond: number },
	limits: WindowLimits,
): number {
	if (spendableBytes < REMAINDER_BYTES) return 0;
	const wished = Math.ceil(bytesPerSecond * limits.seconds);
	const bounded = Math.min(Math.max(wished, limits.bytesMin), limits.bytesMax);
	return Math.min(spendableBytes, Math.max(bounded, openBytes));
}

/** What two quotas hold, one spent after the other. */
export type Parts = { readonly grantBytes: number; readonly reserveBytes: number };

/**
 * The part after which the kernel gives the low-water alarm, and the part that lasts until the next grant comes.
 *
 * @param rest what the quotas in the kernel still held when they were read. Packets spend it until the new limits are in
 * force, and each part must be large enough to hold all that is spent of it, or that would be allowed twice.
 */
export function splitWindow(bytes: number, rest: Parts = { grantBytes: 0, reserveBytes: 0 }): Parts {
	// Each part should hold a full packet, or nothing would ever pass.
	const half = bytes < 2 * REMAINDER_BYTES ? 0 : Math.floor(bytes / 2);
	const reserveBytes = Math.min(bytes, Math.max(rest.reserveBytes, Math.min(half, bytes - rest.grantBytes)));
	return { grantBytes: bytes - reserveBytes, reserveBytes };
}

/** Seconds of a time package for each of so many stations; each station spends its own. */
export function sliceSeconds(spendableSeconds: number, stations: number): number {
	return stations === 0 ? 0 : Math.floor(spendableSeconds / stations);
}

/** What the quotas would still let pass. */
export function restOf({ grant, reserve }: PoolReading): Parts {
	const rest = (quota: QuotaReading | undefined) => (quota ? Math.max(0, quota.limitBytes - quota.usedBytes) : 0);
	return { grantBytes: rest(grant), reserveBytes: rest(reserve) };
}
