import type { Grant } from '../../protocol/grant.ts';
import { accountRow, lockAccount } from '../account/accounts.ts';
import { noteCredit } from '../account/credit-state.ts';
import { addTransfers, balancesOf } from '../account/transfers.ts';
import type { Queryable } from '../database/database.ts';
import { addDownMessage } from '../fleet/down-messages.ts';
import { nameOf } from '../fleet/message-name.ts';
import { sendRestriction } from './restriction.ts';
import { callBackFor } from './revoke-slice.ts';
import { shareOf } from './share.ts';
import type { SlicePolicy } from './slice-policy.ts';
import { giveMessageName, type SliceRow } from './slice-row.ts';

export type SliceRequest = {
	readonly ap: string;
	/** The request's own name, which becomes the slice's: asked twice, it is given once. */
	readonly request: string;
	/** Whoever spends it. */
	readonly account: string;
	readonly wants: number;
};

export type SliceAnswer =
	| { readonly outcome: 'given' | 'exists'; readonly slice: string; readonly amount: number }
	| { readonly outcome: 'refused'; readonly why: 'unknown' | 'blocked' | 'empty' };

/**
 * An access point takes a message so long after its expiry: clocks differ. When it answers, we know better; until then its slice
 * may begin as late as this.
 */
export const ACCEPTED_LATE_MS = 300_000;
/** Whoever is still interested has asked again by then. */
const DENIAL_LIFETIME_MS = 30_000;
/** An account of its own may be asked for by another access point at any time. */
const OWN_SHARE = { weight: 1, weights: 2 };

/**
 * Takes a slice out of a balance for one access point, and puts the grant on its way; all in the caller's transaction. The
 * account that pays is locked, so Σ slices ≤ balance whoever asks at the same time, and the database refuses anything else.
 */
export async function giveSlice(
	tx: Queryable,
	request: SliceRequest,
	policy: SlicePolicy,
	now: number,
): Promise<SliceAnswer> {
	const member = await accountRow(tx, request.account);
	if (member === undefined) return await deny(tx, request, 'unknown', now);
	const payer = await lockAccount(tx, member.pool ?? member.account);
	const slice = nameOf('s', [request.ap, request.request]);
	const [existing] = await tx.query<SliceRow>('SELECT * FROM slice WHERE account = $1 AND slice = $2', [
		payer.account,
		slice,
	]);
	if (existing !== undefined) {
		await sendGrant(tx, existing, request.request, policy, now);
		return { outcome: 'exists', slice, amount: existing.amount };
	}
	if (member.state === 'blocked' || payer.state === 'blocked') return await deny(tx, request, 'blocked', now);
	const { available } = await balancesOf(tx, payer.account, 'byte');
	const amount = shareOf(
		{ wants: request.wants, available, ...(await weightsOf(tx, payer.account, member.account)) },
		policy,
	);
	if (amount < Math.min(request.wants, policy.amountMin))
		await callBackFor(tx, { payer: payer.account, ...request }, policy, now);
	if (amount === 0) {
		await noteWaiting(tx, payer.account, request, now);
		return await deny(tx, request, 'empty', now);
	}
	const row: SliceRow = {
		account: payer.account,
		slice,
		member: member.account,
		ap: request.ap,
		unit: 'byte',
		amount,
		used: 0,
		returned: 0,
		state: 'given',
		given_at: now,
		expires_at: now + policy.deliveryMs + ACCEPTED_LATE_MS + policy.validForSeconds * 1000 + policy.reportMs,
	};
	await addSlice(tx, row);
	await sendGrant(tx, row, request.request, policy, now);
	await sendRestriction(tx, payer.account, [row], now);
	await noteCredit(tx, [payer.account], now);
	return { outcome: 'given', slice, amount };
}

async function addSlice(tx: Queryable, row: SliceRow): Promise<void> {
	const { account, slice, member, ap, unit, amount, given_at, expires_at } = row;
	await tx.query(
		`INSERT INTO slice (account, slice, member, ap, unit, amount, given_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		[account, slice, member, ap, unit, amount, given_at, expires_at],
	);
	const transfer = { account, id: `slice:${slice}`, unit, from: 'available', to: 'slices', amount } as const;
	await addTransfers(tx, [{ ...transfer, kind: 'slice-given', about: { slice, ap, member }, at: given_at }]);
}

/** The message may arrive until `deliveryMs` after the slice was given, never later: its expiry counts from there. */
async function sendGrant(
	tx: Queryable,
	row: SliceRow,
	request: string,
	policy: SlicePolicy,
	now: number,
): Promise<void> {
	const lifetimeMs = row.given_at + policy.deliveryMs - now;
	if (lifetimeMs <= 0 || row.state !== 'given') return;
	const { slice, member: account, amount, ap } = row;
	const { validForSeconds } = policy;
	const body: Grant = { kind: 'give', slice, account, unit: 'byte', amount, validForSeconds, request };
	await addDownMessage(tx, { ap, id: giveMessageName(slice), kind: 'grant', body, lifetimeMs }, now);
}

/** It gets a slice as soon as there is credit. */
async function noteWaiting(
	tx: Queryable,
	payer: string,
	{ ap, request, account, wants }: SliceRequest,
	now: number,
): Promise<void> {
	await tx.query(
		`INSERT INTO slice_wait (account, member, ap, request, wants, since) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (account, member, ap) DO UPDATE SET request = EXCLUDED.request, wants = EXCLUDED.wants, since = EXCLUDED.since`,
		[payer, account, ap, request, wants, now],
	);
}

/** Whoever asks is told, so that it does not wait. */
async function deny(
	tx: Queryable,
	{ ap, request, account }: SliceRequest,
	why: 'unknown' | 'blocked' | 'empty',
	now: number,
): Promise<SliceAnswer> {
	const body: Grant = { kind: 'deny', request, account, reason: why };
	const id = nameOf('d', [ap, request]);
	await addDownMessage(tx, { ap, id, kind: 'grant', body, lifetimeMs: DENIAL_LIFETIME_MS }, now);
	return { outcome: 'refused', why };
}

async function weightsOf(tx: Queryable, payer: string, member: string): Promise<{ weight: number; weights: number }> {
	if (payer === member) return OWN_SHARE;
	const [row] = await tx.query<{ weight: number | null; weights: number | null }>(
		'SELECT sum(weight) FILTER (WHERE member = $2) AS weight, sum(weight) AS weights FROM member WHERE account = $1',
		[payer, member],
	);
	return row?.weight && row.weights ? { weight: row.weight, weights: row.weights } : OWN_SHARE;
}
