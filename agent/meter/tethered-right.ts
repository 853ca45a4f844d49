import type { TetheredPolicy } from '../ledger/package.ts';
import type { TetheredUse } from '../ledger/settle.ts';
import type { Right, TetheredRight } from './gate.ts';

/**
 * What tethered flows may have now.
 *
 * @param use the package that is being spent, and what of it was tethered so far; undefined: none is
 * @param standard the venue's policy, for a plan that has none
 * @param counted the package whose part the kernel is counting already: then it goes on, to the byte
 */
export function tetheredRight(
	use: TetheredUse | undefined,
	standard: TetheredPolicy | undefined,
	counted: string | undefined,
): TetheredRight {
	const policy = use?.policy ?? standard;
	if (policy === undefined || policy.rule === 'allowed') return { kind: 'as-own' };
	const bytes = (policy.afterBytes ?? 0) - (use?.usedBytes ?? 0);
	return {
		kind: 'limited',
		...(bytes > 0 ? { before: { bytes, isNew: use === undefined || use.package !== counted } } : {}),
		...(policy.rule === 'slowed' ? { bytesPerSecond: policy.bytesPerSecond as number } : {}),
	};
}

/** The package whose part the kernel counts from now on, if it does. */
export function countedPackage(
	right: Right,
	tethered: TetheredRight,
	use: TetheredUse | undefined,
): string | undefined {
	const isSpent = right.kind === 'bytes' || right.kind === 'time';
	return isSpent && tethered.kind === 'limited' && tethered.before ? use?.package : undefined;
}

/** The same right for a change of something else: what is counted goes on. */
export function carriedOn(right: TetheredRight): TetheredRight {
	if (right.kind === 'as-own' || right.before === undefined) return right;
	return { ...right, before: { ...right.before, isNew: false } };
}
