import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import { receiverOf } from './receivers.ts';
import type { Subscription } from './subscription.ts';
import { isForeignTopic, isWebhookAddress } from './subscription-address.ts';

/** Beyond it an ingest transaction would spend its time on who wants to know. */
export const SUBSCRIPTIONS_MAX = 1000;

/** @throws CarrierError `exists_with_different_values`, `too_large`, `invalid_value` */
export async function addSubscription(
	tx: Queryable,
	subscription: Subscription,
	privateHosts: readonly string[],
	now: number,
): Promise<'done' | 'exists'> {
	const { id, account, kinds, target, address, secret } = subscription;
	checkAddress(subscription, privateHosts);
	const [{ count } = { count: 0 }] = await tx.query<{ count: number }>('SELECT count(*) AS count FROM subscription');
	if (count >= SUBSCRIPTIONS_MAX)
		throw new CarrierError('too_large', `there are ${SUBSCRIPTIONS_MAX} subscriptions already`);
	const receiver = receiverOf(subscription);
	if (receiver !== '')
		await tx.query('INSERT INTO receiver (name) VALUES ($1) ON CONFLICT (name) DO NOTHING', [receiver]);
	const rows = await tx.query(
		`INSERT INTO subscription (id, account, kinds, target, address, secret, made_at, receiver)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING 1`,
		[id, account ?? null, kinds, target, address, secret, now, receiver],
	);
	if (rows.length === 1) return 'done';
	const [stored] = await tx.query<{ same: boolean }>(
		'SELECT (account IS NOT DISTINCT FROM $2 AND kinds = $3 AND target = $4 AND address = $5 AND secret = $6) AS same FROM subscription WHERE id = $1',
		[id, account ?? null, kinds, target, address, secret],
	);
	if (stored?.same) return 'exists';
	throw new CarrierError('exists_with_different_values', `the subscription ${id} exists, and says something else`);
}

function checkAddress({ target, address }: Subscription, privateHosts: readonly string[]): void {
	const isRight =
		target === 'pull' ||
		(target === 'webhook' && isWebhookAddress(address, privateHosts)) ||
		(target === 'mqtt' && isForeignTopic(address));
	if (isRight) return;
	const expected =
		target === 'webhook'
			? 'an http or https address on the internet, without a name and a password; "webhooks.privateHosts" lists others that are allowed'
			: 'a topic outside of octroi/, of letters, digits and ". _ ~ : @ = -"';
	throw new CarrierError('invalid_value', 'the address is not valid', { faults: [`address: it is not ${expected}`] });
}

/** @throws CarrierError `not_found` */
export async function removeSubscription(tx: Queryable, id: string): Promise<void> {
	const rows = await tx.query('DELETE FROM subscription WHERE id = $1 RETURNING 1', [id]);
	if (rows.length === 0) throw new CarrierError('not_found', `there is no subscription ${id}`);
	await tx.query('UPDATE delivery SET due_at = NULL WHERE subscription = $1 AND due_at IS NOT NULL', [id]);
}

/** Without their secrets. */
export async function listSubscriptions(tx: Queryable): Promise<object[]> {
	return await tx.query(
		`SELECT s.id, s.account, s.kinds, s.target, s.address,
			(SELECT count(*) FROM delivery d WHERE d.subscription = s.id AND d.due_at IS NOT NULL) AS waiting,
			(SELECT count(*) FROM delivery d WHERE d.subscription = s.id AND d.delivered_at IS NOT NULL) AS delivered
		FROM subscription s ORDER BY s.id`,
	);
}
