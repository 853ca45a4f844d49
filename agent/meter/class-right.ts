import type { ClassPolicy } from '../ledger/package.ts';
import type { ClassUse } from '../ledger/settle.ts';
import type { ClassRight, Right } from './gate.ts';
import type { PoolClass } from './pool.ts';
import { REMAINDER_BYTES } from './window.ts';

/**
 * What the flows of a class, own or tethered, may have now.
 *
 * @param use the package that is being spent, and what of it was of this class so far; undefined: none is
 * @param standard the venue's policy, for a plan that has none
 * @param counted the package whose part the kernel is counting already: then it goes on, to the byte
 */
export function classRight(
	use: ClassUse | undefined,
	standard: ClassPolicy | undefined,
	counted: string | undefined,
): ClassRight {
	const policy = use?.policy ?? standard;
	if (policy === undefined || policy.rule === 'allowed') return { kind: 'whole' };
	const bytes = (policy.afterBytes ?? 0) - (use?.usedBytes ?? 0);
	// The kernel refuses the packet that would exceed the part: what is then left is less than one, and nobody can use it.
	const isLeft = bytes >= REMAINDER_BYTES;
	return {
		kind: 'limited',
		...(isLeft ? { before: { bytes, isNew: use === undefined || use.package !== counted } } : {}),
		...(policy.rule === 'slowed' ? { bytesPerSecond: policy.bytesPerSecond as number } : {}),
	};
}

/** What a class has from now on, and the package whose part of it the kernel counts, if it does. */
export function poolClass(right: Right, given: ClassRight, use: ClassUse | undefined): PoolClass {
	const isSpent = right.kind === 'bytes' || right.kind === 'time';
	const isCounted = isSpent && given.kind === 'limited' && given.before !== undefined && use !== undefined;
	return { right: given, ...(isCounted ? { package: use.package } : {}) };
}

/** What flows of a class may have now. */
export type ClassState = 'allowed' | 'slowed' | 'blocked';

export function classState({ right }: PoolClass): ClassState {
	if (right.kind === 'whole' || right.before !== undefined) return 'allowed';
	return right.bytesPerSecond === undefined ? 'blocked' : 'slowed';
}

/** The same right for a change of something else: what is counted goes on. */
export function carriedOn(right: ClassRight): ClassRight {
	if (right.kind === 'whole' || right.before === undefined) return right;
	return { ...right, before: { ...right.before, isNew: false } };
}
