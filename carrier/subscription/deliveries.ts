import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { postWebhook, WEBHOOK_TIMEOUT_MS } from './post-webhook.ts';
import { isForeignTopic } from './subscription-address.ts';

/** Deliveries that are under way at once: one slow receiver must not hold up all others for long. */
const AT_ONCE_MAX = 16;
const FIRST_RETRY_MS = 1000;
const RETRY_MS_MAX = 3_600_000;
/** 12 doublings and then each hour: a receiver may be away for a week. */
const ATTEMPTS_MAX = 180;

export type DeliveryPorts = {
	readonly database: Database;
	readonly clock: Clock;
	readonly log: Log;
	readonly metrics: Metrics;
	/** Resolves when the broker has it. */
	readonly publish: (topic: string, payload: string) => Promise<void>;
	/** Hosts of webhooks that may have addresses that are not public. */
	readonly privateHosts: readonly string[];
};

type DeliveryRow = {
	id: number;
	name: string;
	body: unknown;
	attempts: number;
	target: 'webhook' | 'mqtt';
	address: string;
	secret: string;
};

/**
 * Sends what is due, each at least once, until its receiver has taken it. Receivers know a repetition by its name. Answers how many were tried.
 */
export async function deliverDue(ports: DeliveryPorts): Promise<number> {
	const { database, clock } = ports;
	const now = clock.wallMs();
	// Whoever takes one has it for as long as an attempt may last; then somebody else tries.
	const rows = await database.query<DeliveryRow>(
		`WITH due AS (SELECT id FROM delivery WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED),
		taken AS (
			UPDATE delivery SET due_at = $1 + $3, attempts = attempts + 1 FROM due WHERE delivery.id = due.id
			RETURNING delivery.id, delivery.subscription, delivery.name, delivery.body, delivery.attempts
		)
		SELECT t.id, t.name, t.body, t.attempts, s.target, s.address, s.secret FROM taken t JOIN subscription s ON s.id = t.subscription`,
		[now, AT_ONCE_MAX, 2 * WEBHOOK_TIMEOUT_MS],
	);
	await Promise.all(rows.map(async (row) => await deliverOne(ports, row)));
	return rows.length;
}

async function deliverOne(ports: DeliveryPorts, row: DeliveryRow): Promise<void> {
	const { database, clock, log, metrics } = ports;
	const fault = await attempt(ports, row);
	const now = clock.wallMs();
	if (fault === undefined) {
		metrics.add('deliveries', { outcome: 'delivered' });
		await database.query('UPDATE delivery SET delivered_at = $2, due_at = NULL, fault = NULL WHERE id = $1', [
			row.id,
			now,
		]);
		return;
	}
	const isLast = row.attempts >= ATTEMPTS_MAX;
	metrics.add('deliveries', { outcome: isLast ? 'given_up' : 'failed' });
	log.warn({ address: row.address, attempts: row.attempts, fault, isLast }, 'a delivery failed');
	const wait = Math.min(RETRY_MS_MAX, FIRST_RETRY_MS * 2 ** Math.min(row.attempts - 1, 20));
	await database.query('UPDATE delivery SET due_at = $2, fault = $3 WHERE id = $1', [
		row.id,
		isLast ? null : now + wait,
		fault,
	]);
}

/** Undefined if it arrived. */
async function attempt({ publish, privateHosts, clock }: DeliveryPorts, row: DeliveryRow): Promise<string | undefined> {
	const { target, address, secret, name } = row;
	const body = JSON.stringify({ delivery: name, ...(row.body as object) });
	const seconds = Math.floor(clock.wallMs() / 1000);
	const signature = signatureOf(secret, seconds, body);
	try {
		if (target === 'mqtt') {
			// It was written down when this was allowed.
			if (!isForeignTopic(address)) return 'the topic is not one that may be told things';
			await publish(address, JSON.stringify({ at: seconds, signature, body }));
			return undefined;
		}
		const headers = {
			'content-type': 'application/json',
			'octroi-delivery': name,
			'octroi-signature': `t=${seconds},v1=${signature}`,
		};
		const status = await postWebhook(address, { headers, body }, privateHosts);
		if (typeof status === 'string') return status;
		return status >= 200 && status < 300 ? undefined : `status ${status}`;
	} catch (error) {
		return (error as Error).message.slice(0, 200);
	}
}

/** HMAC-SHA256 over the time and the body: neither can be changed, and an old one is recognised by its time. */
export function signatureOf(secret: string, seconds: number, body: string): string {
	return createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
}
