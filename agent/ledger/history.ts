import type { Unit, WallMs } from '../core/units.ts';
import type { Reason } from './reason.ts';

/** One transfer of an account, as a person reads it. */
export type HistoryEntry = {
	/** Order of writing; gapless over the whole ledger. */
	readonly sequence: number;
	readonly id: string;
	readonly kind: 'transfer' | 'pending' | 'post' | 'void';
	readonly reason: Reason;
	/** The reason in words. */
	readonly text: string;
	readonly unit: Unit;
	readonly amount: number;
	/** How many of the bytes were of devices behind a station; absent: none. */
	readonly tetheredBytes?: number;
	/** The package that was bought, used, reserved or has expired; absent for what was not paid. */
	readonly package?: string;
	readonly planName?: string;
	/** The grant that a post or void resolves. */
	readonly grant?: string;
	readonly session?: string;
	readonly wallMs: WallMs;
};

export type HistoryOptions = {
	/** 1 to 10,000. Default 100. */
	readonly limit?: number;
	/** Also show grants and their release, which move nothing for good. Default false. */
	readonly reservations?: boolean;
};
