import type { MeterId } from './units.ts';

/** What a station's tethered flows are counted under: the number of its own meter, and this. */
export const TETHERED_METER_OFFSET = 0x4000;
/** Above it are the meters of zero-rated flows. */
const TETHERED_METER_MAX = 0x7fff;

/** The meter of the flows of devices behind a station. */
export function tetheredMeterOf(meter: MeterId): MeterId {
	return (meter + TETHERED_METER_OFFSET) as MeterId;
}

/** Is it a meter of tethered flows? */
export function isTetheredMeter(meter: number): boolean {
	return meter >= TETHERED_METER_OFFSET && meter <= TETHERED_METER_MAX;
}
