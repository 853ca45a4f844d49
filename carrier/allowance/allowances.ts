import { lockAccount } from '../account/accounts.ts';
import { noteCredit } from '../account/credit-state.ts';
import { addTransfers, balancesOf } from '../account/transfers.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import { expirePackages } from '../package/expire-packages.ts';
import { livePackages, takeAvailable } from '../package/packages.ts';
import { noteRestriction, type Restriction } from '../slice/restriction.ts';
import { serveWaiting } from '../slice/serve-waiting.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import { outstandingOf, type SliceRow } from '../slice/slice-row.ts';
import { nextReset, type ResetPeriod } from './next-reset.ts';

/** Shares are computed at each request, over all of them. */
export const MEMBERS_MAX = 1000;

/** One balance that several accounts spend, on any access point. */
export type AllowanceTerms = {
	/** The account that has the balance. */
	readonly account: string;
	/** What a reset brings it to. */
	readonly total: number;
	/** With less than this left, the restriction holds. 0: never. */
	readonly restrictBelow: number;
	readonly restriction: Restriction;
	readonly resetEvery: ResetPeriod;
	/** Whoever spends it; the larger the weight, the larger the part of what is left. */
	readonly members: readonly { readonly account: string; readonly weight: number }[];
};

export type AllowancePicture = Omit<AllowanceTerms, 'members'> & {
	readonly members: { account: string; weight: number }[];
	readonly remaining: number;
	readonly isRestricted: boolean;
	readonly nextResetAt: number | null;
	/** What each has used since the last reset, has out now, and could have at most if all went on asking. */
	readonly shares: { account: string; weight: number; used: number; held: number; limit: number }[];
};

type Row = {
	account: string;
	total: number;
	restrict_below: number;
	restriction: Restriction;
	is_restricted: boolean;
	reset_every: ResetPeriod;
	reset_count: number;
	next_reset_at: number | null;
};

/** Sets the terms and the members. The first time the balance is filled up, too. @throws CarrierError `not_found`, `not_allowed` */
export async function putAllowance(
	tx: Queryable,
	terms: AllowanceTerms,
	slices: SlicePolicy,
	now: number,
): Promise<void> {
	const { account, total, restrictBelow, restriction, resetEvery, members } = terms;
	await lockAccount(tx, account);
	const [before] = await tx.query<Row>('SELECT * FROM allowance WHERE account = $1', [account]);
	await tx.query(
		`INSERT INTO allowance (account, total, restrict_below, restriction, reset_every, next_reset_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (account) DO UPDATE SET total = EXCLUDED.total, restrict_below = EXCLUDED.restrict_below,
			restriction = EXCLUDED.restriction, reset_every = EXCLUDED.reset_every, next_reset_at = EXCLUDED.next_reset_at`,
		[account, total, restrictBelow, JSON.stringify(restriction), resetEvery, nextReset(resetEvery, now) ?? null],
	);
	await setMembers(tx, account, members);
	if (before === undefined) await resetAllowance(tx, account, slices, now);
	await noteRestriction(tx, [account], now);
}

async function setMembers(tx: Queryable, account: string, members: AllowanceTerms['members']): Promise<void> {
	const names = members.map((member) => member.account);
	await tx.query('UPDATE account SET pool = NULL WHERE pool = $1 AND NOT (account = ANY ($2::text[]))', [
		account,
		names,
	]);
	await tx.query('DELETE FROM member WHERE account = $1 AND NOT (member = ANY ($2::text[]))', [account, names]);
	for (const member of members) await addMember(tx, account, member);
}

async function addMember(tx: Queryable, account: string, member: { account: string; weight: number }): Promise<void> {
	const row = await lockAccount(tx, member.account);
	if (member.account === account || (row.pool !== null && row.pool !== account)) {
		throw new CarrierError('not_allowed', `${member.account} spends another allowance already, or is this one`);
	}
	await tx.query('UPDATE account SET pool = $2 WHERE account = $1', [member.account, account]);
	await tx.query(
		`INSERT INTO member (account, member, weight) VALUES ($1, $2, $3)
		ON CONFLICT (account, member) DO UPDATE SET weight = EXCLUDED.weight`,
		[account, member.account, member.weight],
	);
}

/** Lets one more account spend an allowance, or changes its weight. @throws CarrierError `not_found`, `not_allowed`, `too_large` */
export async function putMember(
	tx: Queryable,
	account: string,
	member: { account: string; weight: number },
): Promise<void> {
	await lockAllowance(tx, account);
	await addMember(tx, account, member);
	const [{ count } = { count: 0 }] = await tx.query<{ count: number }>(
		'SELECT count(*) AS count FROM member WHERE account = $1',
		[account],
	);
	if (count > MEMBERS_MAX) throw new CarrierError('too_large', `${account} has ${MEMBERS_MAX} members already`);
}

/** It spends its own balance again; slices that it has out are used up. @throws CarrierError `not_found` */
export async function removeMember(tx: Queryable, account: string, member: string): Promise<void> {
	await lockAllowance(tx, account);
	const rows = await tx.query('DELETE FROM member WHERE account = $1 AND member = $2 RETURNING 1', [account, member]);
	if (rows.length === 0) throw new CarrierError('not_found', `${member} is no member of ${account}`);
	await tx.query('UPDATE account SET pool = NULL WHERE account = $1', [member]);
}

async function lockAllowance(tx: Queryable, account: string): Promise<void> {
	await lockAccount(tx, account);
	const rows = await tx.query('SELECT 1 FROM allowance WHERE account = $1', [account]);
	if (rows.length === 0) throw new CarrierError('not_found', `${account} is no shared allowance`);
}

/**
 * Begins a new cycle: what is left of the old one lapses, the balance is what the terms say, and the restriction ends. Slices that
 * are out stay out; what they have is part of the new cycle.
 */
export async function resetAllowance(tx: Queryable, account: string, policy: SlicePolicy, now: number): Promise<void> {
	await lockAccount(tx, account);
	const [row] = await tx.query<Row>(
		'UPDATE allowance SET reset_count = reset_count + 1 WHERE account = $1 RETURNING *',
		[account],
	);
	if (row === undefined) throw new CarrierError('not_found', `${account} is no shared allowance`);
	await expirePackages(tx, account, now);
	const { available, slices } = await balancesOf(tx, account, 'byte');
	const wanted = Math.max(0, row.total - slices);
	const id = `reset-${row.reset_count}`;
	const transfer = { account, id, kind: 'reset', about: { cycle: row.reset_count }, at: now } as const;
	const amount = Math.abs(wanted - available);
	if (wanted > available)
		await addTransfers(tx, [{ ...transfer, unit: 'byte', from: 'issued', to: 'available', amount }]);
	if (wanted < available)
		await takeAvailable(tx, { ...transfer, to: 'lapsed', amount }, await livePackages(tx, account));
	await tx.query('UPDATE member SET used = 0 WHERE account = $1', [account]);
	await noteCredit(tx, [account], now);
	await noteRestriction(tx, [account], now);
	await serveWaiting(tx, [account], policy, now);
}

/** Allowances that one sweep resets. */
const SWEEP_ROWS_MAX = 200;

/** Resets what is due. Several processes may do this side by side. Answers how many. */
export async function resetDue(tx: Queryable, slices: SlicePolicy, now: number): Promise<number> {
	const rows = await tx.query<Row>(
		'SELECT * FROM allowance WHERE next_reset_at <= $1 ORDER BY next_reset_at LIMIT $2 FOR UPDATE SKIP LOCKED',
		[now, SWEEP_ROWS_MAX],
	);
	for (const { account, reset_every } of rows) {
		await resetAllowance(tx, account, slices, now);
		await tx.query('UPDATE allowance SET next_reset_at = $2 WHERE account = $1', [
			account,
			nextReset(reset_every, now) ?? null,
		]);
	}
	return rows.length;
}

/** @throws CarrierError `not_found` */
export async function allowancePicture(tx: Queryable, account: string): Promise<AllowancePicture> {
	const [row] = await tx.query<Row>('SELECT * FROM allowance WHERE account = $1', [account]);
	if (row === undefined) throw new CarrierError('not_found', `${account} is no shared allowance`);
	const { available, slices } = await balancesOf(tx, account, 'byte');
	const members = await tx.query<{ member: string; weight: number; used: number }>(
		'SELECT member, weight, used FROM member WHERE account = $1 ORDER BY member',
		[account],
	);
	const open = await tx.query<SliceRow>(
		"SELECT * FROM slice WHERE account = $1 AND state IN ('given', 'revoking', 'silent')",
		[account],
	);
	const weights = members.reduce((sum, { weight }) => sum + weight, 0);
	return {
		account,
		total: row.total,
		restrictBelow: row.restrict_below,
		restriction: row.restriction,
		resetEvery: row.reset_every,
		members: members.map(({ member, weight }) => ({ account: member, weight })),
		remaining: available + slices,
		isRestricted: row.is_restricted,
		nextResetAt: row.next_reset_at,
		shares: members.map(({ member, weight, used }) => {
			const held = open
				.filter((slice) => slice.member === member)
				.reduce((sum, slice) => sum + outstandingOf(slice), 0);
			return {
				account: member,
				weight,
				used,
				held,
				limit: used + held + Number((BigInt(available) * BigInt(weight)) / BigInt(weights)),
			};
		}),
	};
}
