import type { Config } from '../config/config.ts';
import type { ClassPolicy } from '../ledger/package.ts';
import { TetherDetection, type TetherDetectionOptions } from './tether-detection.ts';

/** Undefined: flows are not judged. */
export function makeTetherDetection(
	{ tethered, mark }: Config,
	parts: Omit<TetherDetectionOptions, 'queue' | 'mask'>,
): TetherDetection | undefined {
	if (!tethered.detect) return undefined;
	return new TetherDetection({ ...parts, queue: tethered.queue, mask: mark.mask });
}

/** What own and tethered flows may have under a plan that does not say. Nobody is limited for being own where nobody looks. */
export function classPoliciesOf({ tethered }: Config): { own?: ClassPolicy; tethered: ClassPolicy } {
	const { detect, own } = tethered;
	return { ...(detect ? { own } : {}), tethered: policyOf(tethered) };
}

function policyOf({ rule, bytesPerSecond, afterBytes }: ClassPolicy): ClassPolicy {
	return {
		rule,
		...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
		...(afterBytes === undefined ? {} : { afterBytes }),
	};
}
