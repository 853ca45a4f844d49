import { EVIDENCE_RULES, type Evidence, HALF_LIFE_MS, STATION_ENTERS, STATION_LEAVES } from './evidence.ts';

/** What all the evidence about a station is worth now. */
export function score(evidence: Iterable<Evidence>, nowMs: number): number {
	let points = 0;
	for (const sign of evidence) points += pointsOf(sign, nowMs);
	return points;
}

/** What one kind of evidence is worth now. */
export function pointsOf({ kind, faded, lastMs }: Evidence, nowMs: number): number {
	const { station, enough } = EVIDENCE_RULES[kind];
	return station * Math.min(1, fadedAt({ faded, lastMs }, nowMs) / enough);
}

/** A count of sightings, as much as is left of it. */
export function fadedAt({ faded, lastMs }: { faded: number; lastMs: number }, nowMs: number): number {
	const age = nowMs - lastMs;
	return age <= 0 ? faded : faded * 2 ** (-age / HALF_LIFE_MS);
}

/** Does a station with this score tether, if it did so until now? */
export function tethers(points: number, didTether: boolean): boolean {
	return points >= (didTether ? STATION_LEAVES : STATION_ENTERS);
}
