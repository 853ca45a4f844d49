import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { TrustedClock } from '../core/trusted-clock.ts';
import type { Moment } from '../ledger/moment.ts';
import { isWallClockSynchronised } from '../netlink/kernel-time.ts';

/** The clock by which validities count, and the moments of all that is booked. Whoever books something asks here what time it is. */
export function makeClock(
	config: Pick<Config, 'clock'>,
	{ clock, log }: { readonly clock: Clock; readonly log: Log },
): { readonly trusted: TrustedClock; readonly moment: () => Moment } {
	const trusted = new TrustedClock({
		clock,
		log,
		isSynchronised: isWallClockSynchronised,
		isBatteryBelieved: config.clock.believe === 'battery',
	});
	const moment = (): Moment => {
		const validityMs = trusted.validityMs();
		const trustedWallMs = trusted.wallMs();
		const bootMs = clock.bootMs();
		const boot = { id: clock.bootId, ms: bootMs };
		// For people; what the wall clock says is nearer to the truth than nothing.
		return { wallMs: trustedWallMs ?? clock.wallMs(), bootMs, boot, trustedWallMs, validityMs };
	};
	return { trusted, moment };
}
