import type { Command } from '../../protocol/command.ts';
import type { Queryable } from '../database/database.ts';
import { addDownMessage } from '../fleet/down-messages.ts';
import { addEvents } from '../fleet/events.ts';
import { nameOf } from '../fleet/message-name.ts';

/** What happens to the members of a shared allowance below its threshold. */
export type Restriction = { readonly kind: 'none' } | { readonly kind: 'throttle'; readonly bytesPerSecond: number };

/** A restriction that nobody heard of for this long is told anew with the next slice. */
const COMMAND_LIFETIME_MS = 3_600_000;

type AllowanceRow = { account: string; restrict_below: number; restriction: Restriction; is_restricted: boolean };
type Held = { readonly ap: string; readonly member: string; readonly slice: string };

/** A new slice of a restricted allowance brings its restriction with it. */
export async function sendRestriction(
	tx: Queryable,
	account: string,
	slices: readonly Held[],
	now: number,
): Promise<void> {
	const [row] = await tx.query<AllowanceRow>('SELECT * FROM allowance WHERE account = $1', [account]);
	if (row?.is_restricted) await tell(tx, row, slices, now);
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
			"SELECT ap, member, slice FROM slice WHERE account = $1 AND state IN ('given', 'revoking')",
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
	const rates = row.is_restricted ? { upBytesPerSecond: bytesPerSecond, downBytesPerSecond: bytesPerSecond } : {};
	const told = new Set<string>();
	for (const { ap, member, slice } of slices) {
		if (told.has(`${ap}/${member}`)) continue;
		told.add(`${ap}/${member}`);
		const body: Command = { command: 'throttle', account: member, ...rates };
		const id = nameOf('t', [slice, row.is_restricted, now]);
		await addDownMessage(tx, { ap, id, kind: 'command', body, lifetimeMs: COMMAND_LIFETIME_MS }, now);
	}
}
