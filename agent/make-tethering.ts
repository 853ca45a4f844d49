import type { Config } from './config/config.ts';
import type { TetheredPolicy } from './ledger/package.ts';
import { FlowClassifier } from './tether/flow-classifier.ts';
import { loadSignatures } from './tether/signatures.ts';
import { Tethering, type TetheringOptions } from './tethering.ts';

/** Where Debian's p0f has its own. */
const SIGNATURES = '/etc/p0f/p0f.fp';
/** As many as the table has room for. */
const STATIONS_MAX = 8192;

/** Undefined: flows are not judged. */
export function makeTethering(
	{ tethered, mark }: Config,
	parts: Omit<TetheringOptions, 'classifier' | 'queue' | 'mask'>,
): Tethering | undefined {
	if (!tethered.detect) return undefined;
	const signatures = loadSignatures({ path: SIGNATURES, log: parts.log });
	const classifier = new FlowClassifier({ clock: parts.clock, stationsMax: STATIONS_MAX, signatures });
	return new Tethering({ ...parts, classifier, queue: tethered.queue, mask: mark.mask });
}

/** What tethered flows may have under a plan that does not say. */
export function tetheredPolicyOf({ tethered: { rule, bytesPerSecond, afterBytes } }: Config): TetheredPolicy {
	return {
		rule,
		...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
		...(afterBytes === undefined ? {} : { afterBytes }),
	};
}
