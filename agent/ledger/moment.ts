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
	/** The wall clock, if it is known to be set. Null or absent: not known, so nothing expires by date. */
	readonly trustedWallMs?: WallMs | null;
};

/** One life of the kernel's table: its counters start from 0 in each. Made by the data plane; any text of 1 to 128 characters. */
export type Epoch = string;
