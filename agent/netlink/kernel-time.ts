import { addon } from './socket-option.ts';

/**
 * Whether the kernel holds its wall clock for synchronised by a time protocol: adjtimex(2) without STA_UNSYNC. False too where it
 * cannot be asked (without our addon, or where a sandbox refuses the call): a date that nobody vouches for is not believed.
 */
export function isWallClockSynchronised(): boolean {
	return addon()?.wallClockSynchronised?.() ?? false;
}
