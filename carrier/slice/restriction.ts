import type { Command } from '../../protocol/command.ts';
import type { Queryable } from '../database/database.ts';
import { addDownMessage } from '../fleet/down-messages.ts';
import { addEvents } from '../fleet/events.ts';
import { nameOf } from '../fleet/message-name.ts';
import type { Pace } from '../package/package-terms.ts';

/** What happens to the members of a shared allowance below its threshold. */
export type Restriction = { readonly kind: 'none' } | { readonly kind: 'throttle'; readonly bytesPerSecond: number };

/** A restriction that nobody heard of for this long: the next slice has it in its grant. */
const COMMAND_LIFETIME_MS = 3_600_000;

type AllowanceRow = { account: string; restrict_below: number; restriction: Restriction; is_restricted: boolean };
/** Who spends it where, one of the slices, and the slowest speed at which any of them was sold. */
type Held = {
	readonly ap: string;
	readonly member: string;
	readonly slice: string;
	readonly up: number | null;
	readonly down: number | null;
};

/** The speed below the threshold, if this account is a shared allowance and below its own. A grant says so itself. */
export async function restrictedPace(tx: Queryable, account: string, pace: Pace): Promise<Pace | undefined> {
	const [row] = await tx.query<AllowanceRow>('SELECT * FROM allowance WHERE account = $1', [account]);
	return row?.is_restricted && row.restriction.kind === 'throttle'
		? slower(pace, row.restriction.bytesPerSecond)
		: undefined;
}

/** Nobody becomes faster by a restriction. */
function slower({ upBytesPerSecond: up, downBytesPerSecond: down }: Pace, bytesPerSecond: number): Pace {
	return {
		upBytesPerSecond: Math.min(up ?? bytesPerSecond, bytesPerSecond),
		downBytesPerSecond: Math.min(down ?? bytesPerSecond, bytesPerSecond),
	};
}

/** Looks whether what is left of these allowances has crossed their threshold, either way, and tells who spends them. */
export async function noteRestriction(tx: Queryable, accounts: readonly string[], now: number): Promise<void> {
	if (accounts.length === 0) return;
	const changed = await tx.query<AllowanceRow & { left: number }>(
		`UPDATE allowance SET is_restricted = seen.is_low
		FROM (
			SELECT w.account, coalesce(sum(b.amount), 0) AS left, coalesce(sum(b.amount), 0) < w.restrict_below AS is_low
			FROM allowance w LEFT JOIN balance b ON b.account = w.account AND b.unit = 'byte' AND b.book IN ('available', 'slices')
			WHERE w.account = ANY ($1::text[]) GROUP BY w.account, w.restrict_below
		) AS seen
		WHERE allowance.account = seen.account AND allowance.is_restricted <> seen.is_low
		RETURNING allowance.*, seen.left`,
		[accounts],
	);
	for (const row of changed) {
		const slices = await tx.query<Held>(
			`SELECT s.ap, s.member, min(s.slice) AS slice, min(p.up_bytes_per_second) AS up, min(p.down_bytes_per_second) AS down
			FROM slice s LEFT JOIN package p ON p.account = s.account AND p.package = s.package
			WHERE s.account = $1 AND s.state IN ('given', 'revoking') GROUP BY s.ap, s.member ORDER BY s.ap, s.member`,
			[row.account],
		);
		await tell(tx, row, slices, now);
	}
	const events = changed.map(({ account, is_restricted, left, restrict_below }) => ({
		ap: '',
		id: `allowance:${account}:${now}:${is_restricted}`,
		kind: is_restricted ? 'allowance.restricted' : 'allowance.unrestricted',
		account,
		at: now,
		details: { left, restrictBelow: restrict_below },
	}));
	await addEvents(tx, events, now);
}

async function tell(tx: Queryable, row: AllowanceRow, slices: readonly Held[], now: number): Promise<void> {
	if (row.restriction.kind === 'none') return;
	const { bytesPerSecond } = row.restriction;
	for (const { ap, member, slice, up, down } of slices) {
		const sold = { ...(up !== null && { upBytesPerSecond: up }), ...(down !== null && { downBytesPerSecond: down }) };
		// Without rates: each slice as it was sold.
		const rates = row.is_restricted ? slower(sold, bytesPerSecond) : {};
		const body: Command = { command: 'throttle', account: member, ...rates };
		const id = nameOf('t', [slice, row.is_restricted, now]);
		await addDownMessage(tx, { ap, id, kind: 'command', body, lifetimeMs: COMMAND_LIFETIME_MS }, now);
	}
}
