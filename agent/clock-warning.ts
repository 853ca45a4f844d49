import type { TrustedClock } from './core/trusted-clock.ts';

/** What the operator should know of the clock; undefined when it is right. */
export function clockWarning(trusted: TrustedClock): string | undefined {
	if (trusted.wallMs() === null) return 'the clock is not set yet: nothing expires by date until it is';
	return trusted.jumped ? 'the clock jumped: restart the agent when the date is right' : undefined;
}
