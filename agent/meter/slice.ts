import type { MeterId } from '../core/units.ts';
import { hadMs, type MeterState, type Pool } from './pool.ts';

/**
 * Gives each meter a slice of so many seconds. A second that has begun in the old slice goes on in the new one; what other slices of the
 * account had begun, and was not charged, is had already of the first new one.
 */
export function cutSlices(pool: Pool, seconds: number, now: Pool['armedAtMs']): void {
	for (const meter of pool.meters.values()) {
		if (seconds === 0) {
			endSlice(pool, meter, now);
			continue;
		}
		// One that is used up has ended in the kernel, however long ago: what nobody had since then is not charged.
		if (meter.slice && meter.slice.seconds > 0) {
			meter.slice = { sinceMs: meter.slice.sinceMs, seconds };
			continue;
		}
		const begunMs = Math.min(pool.begunMs, seconds * 1000);
		pool.begunMs -= begunMs;
		meter.slice = { sinceMs: (now - begunMs) as typeof now, seconds };
	}
}

/** Ends a slice whose whole seconds are charged. What had begun of the next one is had, and charged to the account later. */
export function endSlice(pool: Pool, meter: MeterState, now: Pool['armedAtMs']): void {
	pool.begunMs += hadMs(meter, now);
	meter.slice = undefined;
}

/** A gift or a merge may have brought some of it to the account, or taken it along. @param ms as the ledger has it */
export function takeBegun(pool: Pool, ms: number): void {
	pool.begunMs = Math.max(0, pool.begunMs + ms - pool.knownBegunMs);
	pool.knownBegunMs = ms;
}

/** What is left of each meter's slice. */
export function sliceMilliseconds(meters: readonly MeterState[], now: number): Map<MeterId, number> {
	return new Map(
		meters.map(({ meter, slice }) => [meter, slice ? slice.sinceMs + slice.seconds * 1000 - now : 0] as const),
	);
}
