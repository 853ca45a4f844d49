import { classState } from './class-right.ts';
import type { Pool } from './pool.ts';

/**
 * Why the stations of a pool get nothing though their account has credit. `part`: their own flows may have nothing more by the plan, those of devices
 * behind them may. `unbooked`: what was granted is used up, and nothing can be booked.
 */
export type PoolRefusal = 'part' | 'unbooked';

/** Undefined: the pool's mode says what they get. */
export function poolRefusal({ mode, stalled, own }: Pick<Pool, 'mode' | 'stalled' | 'own'>): PoolRefusal | undefined {
	if (stalled !== undefined) return 'unbooked';
	return mode !== 'nothing' && classState(own) === 'blocked' ? 'part' : undefined;
}
