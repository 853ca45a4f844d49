import { isTetheredMeter, TETHERED_METER_OFFSET } from './tethered-meter.ts';
import type { MeterId } from './units.ts';

/** What a station's zero-rated flows are counted under: the number of its own meter, and this. */
export const FREE_METER_OFFSET = 0x8000;

/** The meter of a station's zero-rated flows. */
export function freeMeterOf(meter: MeterId): MeterId {
	return (meter + FREE_METER_OFFSET) as MeterId;
}

/** Is it a meter of zero-rated flows? */
export function isFreeMeter(meter: number): boolean {
	return meter >= FREE_METER_OFFSET;
}

/** The meter of the station itself, whatever the class. */
export function ownMeterOf(meter: MeterId): MeterId {
	if (isFreeMeter(meter)) return (meter - FREE_METER_OFFSET) as MeterId;
	return isTetheredMeter(meter) ? ((meter - TETHERED_METER_OFFSET) as MeterId) : meter;
}
