import type { MeterId } from '../core/units.ts';
import type { MeterState, Pool } from './pool.ts';

/** Gives each meter a slice of so many seconds. A second that has begun in the old slice goes on in the new one. */
export function cutSlices(pool: Pool, seconds: number, now: Pool['armedAtMs']): void {
	for (const meter of pool.meters.values()) {
		meter.slice = seconds > 0 ? { sinceMs: meter.slice?.sinceMs ?? now, seconds } : undefined;
	}
}

/** What is left of each meter's slice. */
export function sliceMilliseconds(meters: readonly MeterState[], now: number): Map<MeterId, number> {
	return new Map(
		meters.map(({ meter, slice }) => [meter, slice ? slice.sinceMs + slice.seconds * 1000 - now : 0] as const),
	);
}
