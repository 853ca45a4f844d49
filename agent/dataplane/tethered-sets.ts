import type { Right, TetheredRight } from '../meter/gate.ts';
import type { RightSet } from './mirror.ts';

const SLOW = ['slow_up_of', 'slow_down_of', 'slow_class_of'] as const;

/**
 * In which maps the tethered meters of a pool stand, so that their flows get what the policy leaves them of what the pool has.
 *
 * @param own those of its own meters
 */
export function tetheredSets(
	own: readonly RightSet[],
	right: Exclude<Right, { kind: 'same' }>,
	tethered: TetheredRight = { kind: 'as-own' },
): readonly RightSet[] {
	if (tethered.kind === 'as-own' || right.kind === 'nothing') return own;
	const { before, bytesPerSecond } = tethered;
	if (before === undefined && bytesPerSecond === undefined) return [];
	// The rate of fair use is lower than that of tethering, as a rule, and all share it.
	if (right.kind === 'slow') return own;
	return [
		...(right.kind === 'time' ? (['tether_timed'] as const) : (['tether_grant_of', 'tether_reserve_of'] as const)),
		...(before === undefined ? [] : (['tether_left_of'] as const)),
		...(bytesPerSecond === undefined ? [] : (['tether_pace_up_of', 'tether_pace_down_of', 'tether_class_of'] as const)),
		// What is slowed afterwards goes on with all others; what is blocked waits for the agent's word.
		...(bytesPerSecond === undefined || right.kind !== 'bytes' || !right.after ? [] : SLOW),
		// Until it is slowed, the speed of the plan is for all flows together.
		...(before === undefined || right.pace === undefined
			? []
			: (['pace_up_of', 'pace_down_of', 'pace_class_of'] as const)),
	];
}
