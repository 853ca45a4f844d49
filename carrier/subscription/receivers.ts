import type { Database, Queryable } from '../database/database.ts';
import type { Subscription } from './subscription.ts';

/** Deliveries to one receiver that are under way at once. */
export const RECEIVER_AT_ONCE_MAX = 4;
const FIRST_RETRY_MS = 1000;
/** One delivery that its receiver does not take is tried less and less often. */
const RETRY_MS_MAX = 3_600_000;
/** A receiver that takes nothing is asked at least so often: it shall not wait for an hour when it is back. */
const RECEIVER_WAIT_MS_MAX = 300_000;
/** A receiver may be away for a week; what is older then is given up. */
const GIVEN_UP_MS = 7 * 86_400_000;
const DOUBLINGS_MAX = 20;

/** The broker, as the receiver of everything that goes to topics. */
const BROKER = 'mqtt';

export type DueDelivery = {
	readonly id: number;
	readonly subscription: string;
	readonly receiver: string;
	readonly name: string;
	readonly body: unknown;
	readonly attempts: number;
	readonly target: 'webhook' | 'mqtt';
	readonly address: string;
	readonly secret: string;
	/** It failed the last time. */
	readonly isAiling: boolean;
};

/** Who takes what is sent to an address: its scheme, host and port; the path and the query may hold a secret. */
export function receiverOf({ target, address }: Pick<Subscription, 'target' | 'address'>): string {
	if (target === 'webhook') return new URL(address).origin;
	return target === 'mqtt' ? BROKER : '';
}

export type Places = {
	readonly now: number;
	/** Deliveries that may begin. */
	readonly room: number;
	/** Receivers among them that failed the last time: each of these is tried with one delivery. */
	readonly ailingRoom: number;
	/** Receivers that have enough under way. */
	readonly busy: readonly string[];
	/** For how long whoever takes a delivery has it; then somebody else tries. */
	readonly heldMs: number;
};

/** Takes deliveries that are due: receivers in turns, who was served longest ago comes first, a few deliveries of each, the oldest first. */
export async function dueDeliveries(
	database: Database,
	{ now, room, ailingRoom, busy, heldMs }: Places,
): Promise<DueDelivery[]> {
	return await database.transaction(async (tx) => {
		const receivers = await tx.query<{ name: string; failures: number }>(
			`SELECT r.name, r.failures FROM receiver r JOIN (
				SELECT DISTINCT s.receiver FROM subscription s WHERE s.target <> 'pull'
					AND (SELECT min(d.due_at) FROM delivery d WHERE d.subscription = s.id AND d.due_at IS NOT NULL) <= $1
			) AS w ON w.receiver = r.name WHERE r.retry_at <= $1 AND r.name <> ALL ($2::text[])
			ORDER BY r.failures > 0, r.served_at, r.name LIMIT $3 FOR UPDATE OF r SKIP LOCKED`,
			[now, busy, room],
		);
		const well = receivers.filter(({ failures }) => failures === 0);
		const ailing = receivers.filter(({ failures }) => failures > 0).slice(0, ailingRoom);
		const taken: DueDelivery[] = [];
		for (const { name, failures } of [...well, ...ailing]) {
			const limit = Math.min(failures === 0 ? RECEIVER_AT_ONCE_MAX : 1, room - taken.length);
			if (limit <= 0) break;
			taken.push(...(await take(tx, { name, isAiling: failures > 0, limit, now, until: now + heldMs })));
		}
		await tx.query('UPDATE receiver SET served_at = $2 WHERE name = ANY ($1::text[])', [
			[...new Set(taken.map(({ receiver }) => receiver))],
			now,
		]);
		return taken;
	});
}

type Turn = { name: string; isAiling: boolean; limit: number; now: number; until: number };

async function take(tx: Queryable, { name, isAiling, limit, now, until }: Turn): Promise<DueDelivery[]> {
	const rows = await tx.query<Omit<DueDelivery, 'receiver' | 'isAiling'>>(
		`WITH due AS (
			SELECT d.id FROM subscription s CROSS JOIN LATERAL (
				SELECT id, due_at FROM delivery WHERE subscription = s.id AND due_at <= $2 ORDER BY due_at LIMIT $3
			) AS d WHERE s.receiver = $1 ORDER BY d.due_at LIMIT $3
		), claimed AS (
			SELECT id FROM delivery WHERE id IN (SELECT id FROM due) FOR UPDATE SKIP LOCKED
		), taken AS (
			UPDATE delivery SET due_at = $4, attempts = attempts + 1 FROM claimed WHERE delivery.id = claimed.id
			RETURNING delivery.id, delivery.subscription, delivery.name, delivery.body, delivery.attempts
		)
		SELECT t.*, s.target, s.address, s.secret FROM taken t JOIN subscription s ON s.id = t.subscription`,
		[name, now, limit, until],
	);
	return rows.map((row) => ({ ...row, receiver: name, isAiling }));
}

/** It arrived: its receiver is well. */
export async function noteAnswer(tx: Queryable, { id, receiver }: DueDelivery, now: number): Promise<void> {
	await tx.query('UPDATE delivery SET delivered_at = $2, due_at = NULL, fault = NULL WHERE id = $1', [id, now]);
	await tx.query('UPDATE receiver SET failures = 0, retry_at = 0 WHERE name = $1 AND failures > 0', [receiver]);
}

/**
 * It did not arrive: it waits, and so does its receiver, which is tried with another delivery then. What its receiver has not taken for a week
 * is given up. Answers whether this one is, and how many are.
 */
export async function noteFault(
	database: Database,
	{ id, receiver, attempts }: DueDelivery,
	fault: string,
	now: number,
): Promise<{ isLast: boolean; givenUp: number }> {
	return await database.transaction(async (tx) => {
		await tx.query('UPDATE delivery SET due_at = $2, fault = $3 WHERE id = $1 AND due_at IS NOT NULL', [
			...[id, now + waitMs(attempts, RETRY_MS_MAX), fault],
		]);
		const [row] = await tx.query<{ failures: number }>(
			'UPDATE receiver SET failures = failures + 1 WHERE name = $1 RETURNING failures',
			[receiver],
		);
		const retryAt = now + waitMs(row?.failures ?? 1, RECEIVER_WAIT_MS_MAX);
		await tx.query('UPDATE receiver SET retry_at = $2 WHERE name = $1', [receiver, retryAt]);
		const old = await tx.query<{ id: number }>(
			`UPDATE delivery SET due_at = NULL WHERE due_at IS NOT NULL AND made_at < $2
				AND subscription IN (SELECT id FROM subscription WHERE receiver = $1) RETURNING id`,
			[receiver, now - GIVEN_UP_MS],
		);
		return { isLast: old.some((one) => one.id === id), givenUp: old.length };
	});
}

function waitMs(failures: number, most: number): number {
	return Math.min(most, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, DOUBLINGS_MAX));
}
