import { check } from '../../protocol/shape.ts';
import type { State } from '../../protocol/state.ts';
import { ALL } from '../../protocol/topics.ts';
import { apId } from '../../protocol/values.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import { noteAcknowledged } from '../usage/advance-streams.ts';
import { resendOpen } from './down-messages.ts';
import { addEvents } from './events.ts';
import { platformEventId } from './message-name.ts';

/** A clock that is further away is reported: durations are right all the same, dates are not. */
export const SKEW_REPORTED_MS = 3_600_000;
const DAY_MS = 86_400_000;

export type AccessPointRow = {
	ap: string;
	title: string;
	state: 'active' | 'blocked';
	online: boolean;
	software_version: string;
	policy_version: number;
	sessions: number;
	clock_skew_ms: number;
	seen_at: number;
};

/** @throws CarrierError `invalid_value`, `exists_with_different_values` */
export async function addAccessPoint(
	tx: Queryable,
	ap: string,
	title: string,
	now: number,
): Promise<'done' | 'exists'> {
	if (!check(apId, ap).ok || ap === ALL) {
		throw new CarrierError('invalid_value', `"${ap}" is not a name of an access point`, {
			fix: 'use 1 to 63 of a-z, 0-9 and "-"',
		});
	}
	const rows = await tx.query(
		'INSERT INTO access_point (ap, title, added_at) VALUES ($1, $2, $3) ON CONFLICT (ap) DO NOTHING RETURNING 1',
		[ap, title, now],
	);
	if (rows.length === 1) return 'done';
	const [stored] = await tx.query<{ title: string }>('SELECT title FROM access_point WHERE ap = $1', [ap]);
	if (stored?.title === title) return 'exists';
	throw new CarrierError('exists_with_different_values', `${ap} exists with another title`);
}

export async function listAccessPoints(
	tx: Queryable,
	{ after, limit }: { after: string; limit: number },
): Promise<AccessPointRow[]> {
	return await tx.query<AccessPointRow>(
		`SELECT ap, title, state, online, software_version, policy_version, sessions, clock_skew_ms, seen_at
		FROM access_point WHERE ap > $1 ORDER BY ap LIMIT $2`,
		[after, limit],
	);
}

/** @throws CarrierError `not_found` */
export async function accessPointRow(tx: Queryable, ap: string): Promise<AccessPointRow> {
	const [row] = await tx.query<AccessPointRow>('SELECT * FROM access_point WHERE ap = $1', [ap]);
	if (row === undefined) throw new CarrierError('not_found', `there is no access point ${ap}`);
	return row;
}

/** One that is blocked is not heard: what it sends is refused, and it keeps it. @throws CarrierError `not_found` */
export async function setAccessPointState(tx: Queryable, ap: string, state: 'active' | 'blocked'): Promise<void> {
	const rows = await tx.query('UPDATE access_point SET state = $2 WHERE ap = $1 RETURNING 1', [ap, state]);
	if (rows.length === 0) throw new CarrierError('not_found', `there is no access point ${ap}`);
}

/** Which of these may speak to us: they are in our list, and not blocked. */
export async function knownAccessPoints(tx: Queryable, names: readonly string[]): Promise<Set<string>> {
	const rows = await tx.query<{ ap: string }>(
		"SELECT ap FROM access_point WHERE ap = ANY ($1::text[]) AND state = 'active'",
		[names],
	);
	return new Set(rows.map(({ ap }) => ap));
}

/** How an access point says it is. One that comes back gets what it has not answered. */
export async function takeState(tx: Queryable, state: State, now: number): Promise<void> {
	const { ap, online, softwareVersion, policyVersion, sessions, at, clockSet } = state;
	const skew = clockSet && online ? at - now : 0;
	const [before] = await tx.query<{ online: boolean }>('SELECT online FROM access_point WHERE ap = $1 FOR UPDATE', [
		ap,
	]);
	if (before === undefined) return;
	await tx.query(
		`UPDATE access_point SET online = $2, software_version = $3, policy_version = $4, sessions = $5, clock_skew_ms = $6,
			seen_at = $7 WHERE ap = $1`,
		[ap, online, softwareVersion, policyVersion, sessions, skew, now],
	);
	const { stream, acknowledged } = state;
	if (acknowledged !== undefined) await noteAcknowledged(tx, { ap, stream, acknowledged });
	if (online && !before.online) await resendOpen(tx, ap, now);
	if (Math.abs(skew) <= SKEW_REPORTED_MS) return;
	const id = platformEventId('skew', Math.floor(now / DAY_MS));
	await addEvents(tx, [{ ap, id, kind: 'clock.skewed', at: now, details: { skewMs: skew } }], now);
}
