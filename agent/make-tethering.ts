import type { Config } from './config/config.ts';
import type { TetheredPolicy } from './ledger/package.ts';
import { Tethering, type TetheringOptions } from './tethering.ts';

/** Undefined: flows are not judged. */
export function makeTethering(
	{ tethered, mark }: Config,
	parts: Omit<TetheringOptions, 'queue' | 'mask'>,
): Tethering | undefined {
	if (!tethered.detect) return undefined;
	return new Tethering({ ...parts, queue: tethered.queue, mask: mark.mask });
}

/** What tethered flows may have under a plan that does not say. */
export function tetheredPolicyOf({ tethered: { rule, bytesPerSecond, afterBytes } }: Config): TetheredPolicy {
	return {
		rule,
		...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
		...(afterBytes === undefined ? {} : { afterBytes }),
	};
}
