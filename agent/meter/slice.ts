import type { MeterId } from '../core/units.ts';
import type { MeterState, Pool } from './pool.ts';

/** Gives each meter a slice of so many seconds. A second that has begun in the old slice goes on in the new one. */
export function cutSlices(pool: Pool, seconds: number, now: Pool['armedAtMs']): void {
	for (const meter of pool.meters.values()) {
		if (seconds > 0) {
			// One that is used up has ended in the kernel, however long ago: what nobody had since then is not charged.
			const running = meter.slice && meter.slice.seconds > 0 ? meter.slice.sinceMs : undefined;
			meter.slice = { sinceMs: running ?? ((now - meter.begunMs) as typeof now), seconds };
			meter.begunMs = 0;
		} else endSlice(meter, now);
	}
}

/** Ends a slice whose whole seconds are charged. What had begun of the next one is had, and not yet charged. */
export function endSlice(meter: MeterState, now: number): void {
	if (meter.slice && meter.slice.seconds > 0) meter.begunMs = Math.min(999, Math.max(0, now - meter.slice.sinceMs));
	meter.slice = undefined;
}

/** What is left of each meter's slice. */
export function sliceMilliseconds(meters: readonly MeterState[], now: number): Map<MeterId, number> {
	return new Map(
		meters.map(({ meter, slice }) => [meter, slice ? slice.sinceMs + slice.seconds * 1000 - now : 0] as const),
	);
}
