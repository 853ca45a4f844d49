import type { BootMs, WallMs } from '../core/units.ts';

/** When something happened, by both clocks. */
export type Moment = {
	/** For records that people read. May be wrong by years. */
	readonly wallMs: WallMs;
	readonly bootMs: BootMs;
	/**
	 * The boot and its clock by which validities run while no date is known. Absent: none begins or ends by it.
	 */
	readonly boot?: { readonly id: string; readonly ms: BootMs };
	/** The date, if it is known. Null or absent: not known, so nothing ends at a date that somebody has named. */
	readonly trustedWallMs?: WallMs | null;
	/**
	 * The time on which validities count: there also while no date is known, and never ahead of it. Absent: `trustedWallMs`, so without
	 * a date none ends.
	 */
	readonly validityMs?: WallMs | null;
};

/** The time on which validities count; null: there is none. */
export function validityTime({ validityMs, trustedWallMs }: Moment): WallMs | null {
	return validityMs ?? trustedWallMs ?? null;
}

/** One life of the kernel's table: its counters start from 0 in each. Made by the data plane; any text of 1 to 128 characters. */
export type Epoch = string;
