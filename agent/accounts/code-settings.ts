import type { Config } from '../config/config.ts';
import type { LimiterRates } from '../voucher/code-limiter.ts';
import { type CodeForm, LENGTH_DEFAULT } from '../voucher/code-maker.ts';

/** How often wrong codes may be typed. */
export function ratesOf({ codes }: Config): LimiterRates {
	const { freeAttempts, firstWaitSeconds, longestWaitSeconds, overallBurst, overallPerHour } = codes;
	return {
		freeAttempts,
		firstWaitMs: firstWaitSeconds * 1000,
		longestWaitMs: longestWaitSeconds * 1000,
		overallBurst,
		overallPerHour,
	};
}

/** What the code of a gift looks like. */
export function giftFormOf({ codes: { alphabet, length } }: Config): CodeForm {
	return { alphabet, length: length ?? LENGTH_DEFAULT[alphabet], prefix: '' };
}
