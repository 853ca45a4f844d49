import type { Grant } from '../../protocol/grant.ts';
import { accountRow, lockAccount } from '../account/accounts.ts';
import { maySpend } from '../account/admission.ts';
import { noteCredit } from '../account/credit-state.ts';
import { addTransfers, balancesOf } from '../account/transfers.ts';
import type { Queryable } from '../database/database.ts';
import { addDownMessage } from '../fleet/down-messages.ts';
import { nameOf } from '../fleet/message-name.ts';
import { expirePackages } from '../package/expire-packages.ts';
import { livePackages, movePackages, type PackageRow, paceOf, packageRow } from '../package/packages.ts';
import { restrictedPace } from './restriction.ts';
import { callBackFor } from './revoke-slice.ts';
import { shareOf } from './share.ts';
import { type SlicePolicy, slicePolicyOf } from './slice-policy.ts';
import { giveMessageName, type SliceRow } from './slice-row.ts';

export type SliceRequest = {
	readonly ap: string;
	/** The request's own name, which becomes the slice's: asked twice, it is given once. */
	readonly request: string;
	/** Whoever spends it. */
	readonly account: string;
	readonly wants: number;
	/** That the customer is there. */
	readonly proof?: string | undefined;
};

type Refusal = 'unknown' | 'unproven' | 'blocked' | 'empty' | 'limit';

export type SliceAnswer =
	| { readonly outcome: 'given' | 'exists'; readonly slice: string; readonly amount: number }
	| { readonly outcome: 'refused'; readonly why: Refusal };

/**
 * An access point takes a message so long after its expiry: clocks differ. When it answers, we know better; until then its slice
 * may begin as late as this.
 */
export const ACCEPTED_LATE_MS = 300_000;
/** Whoever is still interested has asked again by then. */
const DENIAL_LIFETIME_MS = 30_000;
/** Denials that one access point has not answered: more than it has guests who find nothing within their lifetime. */
export const DENIALS_OPEN_MAX = 100;
/** An account of its own may be asked for by another access point at any time. */
const OWN_SHARE = { weight: 1, weights: 2 };

/**
 * Takes a slice out of a balance for one access point, and puts the grant on its way; all in the caller's transaction. The
 * account that pays is locked, so Σ slices ≤ balance whoever asks at the same time, and the database refuses anything else.
 */
export async function giveSlice(
	tx: Queryable,
	request: SliceRequest,
	configured: SlicePolicy,
	now: number,
): Promise<SliceAnswer> {
	const policy = await slicePolicyOf(tx, request.ap, configured);
	const member = await accountRow(tx, request.account);
	if (member === undefined) return await deny(tx, request, 'unknown', now);
	const { ap, request: name, proof } = request;
	if (!(await maySpend(tx, { ap, account: member, request: name, proof }, policy, now)))
		return await deny(tx, request, 'unproven', now);
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
	await expirePackages(tx, payer.account, now);
	const { available } = await balancesOf(tx, payer.account, 'byte');
	const room = await roomOf(tx, { ap, member: member.account }, policy);
	if (room <= 0) return await deny(tx, request, 'limit', now);
	const share = shareOf(
		{ wants: request.wants, available, ...(await weightsOf(tx, payer.account, member.account)) },
		policy,
	);
	if (share < Math.min(request.wants, policy.amountMin))
		await callBackFor(tx, { payer: payer.account, ...request }, policy, now);
	if (share === 0) {
		await noteWaiting(tx, payer.account, request, now);
		return await deny(tx, request, 'empty', now);
	}
	const source = await nextSource(tx, payer.account, now);
	const amount = Math.min(share, room, source?.available ?? share);
	const seconds = source?.expires_at == null ? policy.validForSeconds : secondsUntil(source.expires_at, policy, now);
	const row: SliceRow = {
		account: payer.account,
		slice,
		member: member.account,
		ap: request.ap,
		unit: 'byte',
		amount,
		used: 0,
		returned: 0,
		released: 0,
		late: 0,
		state: 'given',
		given_at: now,
		package: source?.package ?? null,
		expires_at: now + policy.deliveryMs + ACCEPTED_LATE_MS + seconds * 1000 + policy.reportMs,
		valid_for_seconds: seconds,
	};
	await addSlice(tx, row);
	await sendGrant(tx, row, request.request, policy, now);
	await noteCredit(tx, [payer.account], now);
	return { outcome: 'given', slice, amount };
}

/** What is spent next: a package, or (undefined) credit without terms. A validity from the first use begins with its first slice. */
async function nextSource(tx: Queryable, account: string, now: number): Promise<PackageRow | undefined> {
	const [next] = await livePackages(tx, account);
	if (next === undefined || next.valid_for_seconds === null || next.expires_at !== null) return next;
	const expires_at = now + next.valid_for_seconds * 1000;
	await tx.query('UPDATE package SET expires_at = $3 WHERE account = $1 AND package = $2', [
		...[account, next.package, expires_at],
	]);
	return { ...next, expires_at };
}

/** A slice never outlives what it was cut from. */
function secondsUntil(end: number, { validForSeconds }: SlicePolicy, now: number): number {
	return Math.max(1, Math.min(validForSeconds, Math.floor((end - now) / 1000)));
}

async function addSlice(tx: Queryable, row: SliceRow): Promise<void> {
	const { account, slice, member, ap, unit, amount, given_at, expires_at } = row;
	await tx.query(
		`INSERT INTO slice (account, slice, member, ap, unit, amount, given_at, expires_at, package, valid_for_seconds)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		[account, slice, member, ap, unit, amount, given_at, expires_at, row.package, row.valid_for_seconds],
	);
	const transfer = { account, id: `slice:${slice}`, unit, from: 'available', to: 'slices', amount } as const;
	const about = { slice, ap, member, ...(row.package === null ? {} : { package: row.package }) };
	await addTransfers(tx, [{ ...transfer, kind: 'slice-given', about, at: given_at }]);
	await tx.query(
		'INSERT INTO slice_host (member, ap, first_at) VALUES ($1, $2, $3) ON CONFLICT (member, ap) DO NOTHING',
		[...[member, ap, given_at]],
	);
	if (row.package !== null) await movePackages(tx, account, [{ id: row.package, amount: -amount }]);
}

/** How much more of an account an access point may hold. Its row is locked, so that the bound on all accounts holds, too. */
async function roomOf(
	tx: Queryable,
	{ ap, member }: { ap: string; member: string },
	{ amountMax, heldSlicesMax, heldBytesMax }: SlicePolicy,
): Promise<number> {
	await tx.query('SELECT 1 FROM access_point WHERE ap = $1 FOR UPDATE', [ap]);
	const [held] = await tx.query<{ own: number; all: number }>(
		`SELECT coalesce(sum(amount - used - returned) FILTER (WHERE member = $2), 0) AS own,
			coalesce(sum(amount - used - returned), 0) AS all
		FROM slice WHERE ap = $1 AND state IN ('given', 'revoking', 'silent')`,
		[ap, member],
	);
	return Math.min(heldSlicesMax * amountMax - (held?.own ?? 0), heldBytesMax - (held?.all ?? 0));
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
	const validForSeconds = row.valid_for_seconds ?? policy.validForSeconds;
	const terms = await termsOf(tx, row);
	const body: Grant = { kind: 'give', slice, account, unit: 'byte', amount, validForSeconds, request, ...terms };
	await addDownMessage(tx, { ap, id: giveMessageName(slice), kind: 'grant', body, lifetimeMs }, now);
}

/** What an access point must keep of a package's terms, and the speed in force. */
async function termsOf(tx: Queryable, row: SliceRow): Promise<Partial<Extract<Grant, { kind: 'give' }>>> {
	const source = row.package === null ? undefined : await packageRow(tx, row.account, row.package);
	const pace = source === undefined ? {} : paceOf(source);
	const paceNow = await restrictedPace(tx, row.account, pace);
	return {
		...(source?.expires_at == null ? {} : { endsAt: source.expires_at }),
		...(Object.keys(pace).length === 0 ? {} : { pace }),
		...(paceNow === undefined ? {} : { paceNow }),
	};
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
	why: Refusal,
	now: number,
): Promise<SliceAnswer> {
	const body: Grant = { kind: 'deny', request, account, reason: why === 'unproven' ? 'unknown' : why };
	const id = nameOf('d', [ap, request]);
	if (await hasTooManyDenials(tx, ap, now)) return { outcome: 'refused', why };
	await addDownMessage(tx, { ap, id, kind: 'grant', body, lifetimeMs: DENIAL_LIFETIME_MS }, now);
	return { outcome: 'refused', why };
}

/** An access point that asks under ever new names is not told each time; it asks again by itself. */
async function hasTooManyDenials(tx: Queryable, ap: string, now: number): Promise<boolean> {
	const [open] = await tx.query<{ count: number }>(
		`SELECT count(*) AS count FROM (SELECT 1 FROM down_message WHERE ap = $1 AND answered_at IS NULL AND expires_at > $2
			AND kind = 'grant' AND body->>'kind' = 'deny' LIMIT $3) AS denials`,
		[ap, now, DENIALS_OPEN_MAX],
	);
	return (open?.count ?? 0) >= DENIALS_OPEN_MAX;
}

async function weightsOf(tx: Queryable, payer: string, member: string): Promise<{ weight: number; weights: number }> {
	if (payer === member) return OWN_SHARE;
	const [row] = await tx.query<{ weight: number | null; weights: number | null }>(
		'SELECT sum(weight) FILTER (WHERE member = $2) AS weight, sum(weight) AS weights FROM member WHERE account = $1',
		[payer, member],
	);
	return row?.weight && row.weights ? { weight: row.weight, weights: row.weights } : OWN_SHARE;
}
