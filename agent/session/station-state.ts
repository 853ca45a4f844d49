import type { Station } from './station.ts';

/** What becomes of a station's packets, in one word for people. */
export type StationState = 'unknown' | 'walled' | 'active' | 'throttled' | 'blocked' | 'gone';

/** How the meter deals with a station; undefined if no account pays for it. */
export type Metering = { readonly mode: 'nothing' | 'bytes' | 'time' | 'slow'; readonly reason: string };

/**
 * The state of a station, from who is there and who pays.
 *
 * `unknown`: it has a lease or was named by the operator, but was never seen; `walled`: it is there, nobody pays, only the
 * walled garden is open; `gone`: it was there, and the router no longer hears it.
 */
export function stationState(
	station: Pick<Station, 'present' | 'device'> | undefined,
	metering: Metering | undefined,
): { state: StationState; reason: string } {
	const absent = station?.device !== undefined && station.device !== '' && !station.present;
	if (metering) {
		const away = absent ? ' (not heard of now)' : '';
		if (metering.mode === 'nothing') return { state: 'blocked', reason: metering.reason + away };
		if (metering.mode === 'slow') return { state: 'throttled', reason: metering.reason + away };
		return { state: 'active', reason: metering.reason + away };
	}
	if (absent) return { state: 'gone', reason: 'the router no longer hears it' };
	if (station === undefined) return { state: 'unknown', reason: 'it was not heard of yet, and has no lease' };
	if (!station.present) return { state: 'unknown', reason: 'it has a lease, but was not heard of yet' };
	return { state: 'walled', reason: 'no account pays for it' };
}
