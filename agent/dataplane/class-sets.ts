import type { ClassRight, Right } from '../meter/gate.ts';
import type { RightSet } from './mirror.ts';

const SLOW = ['slow_up_of', 'slow_down_of', 'slow_class_of'] as const;

/**
 * In which maps the meters of a class of flows stand, own or tethered, so that these get what the policy leaves them of what the
 * pool has. The maps of parts are keyed by the mark, and both classes have marks of their own: one pair of rules serves both.
 *
 * @param given those that a class without limits of its own stands in
 */
export function classSets(
	given: readonly RightSet[],
	right: Exclude<Right, { kind: 'same' }>,
	policy: ClassRight = { kind: 'whole' },
): readonly RightSet[] {
	if (policy.kind === 'whole' || right.kind === 'nothing') return given;
	const { before, bytesPerSecond } = policy;
	if (before === undefined && bytesPerSecond === undefined) return [];
	// The rate of fair use is lower than that of a class, as a rule, and all share it.
	if (right.kind === 'slow') return given;
	return [
		...(right.kind === 'time' ? (['part_timed'] as const) : (['part_grant_of', 'part_reserve_of'] as const)),
		...(before === undefined ? [] : (['part_left_of'] as const)),
		...(bytesPerSecond === undefined ? [] : (['part_pace_up_of', 'part_pace_down_of', 'part_class_of'] as const)),
		// What is slowed afterwards goes on with all others; what is blocked waits for the agent's word.
		...(bytesPerSecond === undefined || right.kind !== 'bytes' || !right.after ? [] : SLOW),
		// Until it is slowed, the speed of the plan is for all flows together.
		...(before === undefined || right.pace === undefined
			? []
			: (['pace_up_of', 'pace_down_of', 'pace_class_of'] as const)),
	];
}
