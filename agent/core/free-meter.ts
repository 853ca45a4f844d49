import type { MeterId } from './units.ts';

/** The largest number of a station's own meter; those above are of the class of zero-rated flows. */
export const METER_MAX = 0x7fff;
/** What a station's zero-rated flows are counted under: the number of its own meter, and this. */
export const FREE_METER_OFFSET = 0x8000;

/** The meter of a station's zero-rated flows. */
export function freeMeterOf(meter: MeterId): MeterId {
	return (meter + FREE_METER_OFFSET) as MeterId;
}

/** Is it a meter of zero-rated flows? */
export function isFreeMeter(meter: number): boolean {
	return meter > METER_MAX;
}

/** The meter of the station itself, whatever the class. */
export function ownMeterOf(meter: MeterId): MeterId {
	return isFreeMeter(meter) ? ((meter - FREE_METER_OFFSET) as MeterId) : meter;
}
