import type { Envelope } from '../../protocol/envelope.ts';
import { sign } from '../../protocol/signature.ts';
import { downTopic } from '../../protocol/topics.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { type DownKind, SEQUENCES_PER_MS } from '../fleet/down-messages.ts';
import { policyMessageName } from '../fleet/take-reply.ts';
import type { KeyRing } from '../key/key-ring.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { allCurrentPolicies, type PublishedPolicy } from '../policy/policies.ts';
import type { StreamAck } from '../usage/advance-streams.ts';

/** Messages of one round. */
const ROUND_MESSAGES_MAX = 200;
/** Unanswered by an access point that is there: sent again. */
const FIRST_RETRY_MS = 5000;
const RETRY_MS_MAX = 300_000;
/** An acknowledgement that comes later is of no use: the access point has asked again. */
const ACK_LIFETIME_MS = 3_600_000;
/** A retained policy is signed anew each day, so an access point that is switched off for a month still believes it. */
const POLICY_LIFETIME_MS = 40 * 86_400_000;

export type SenderPorts = {
	readonly database: Database;
	readonly clock: Clock;
	readonly log: Log;
	readonly metrics: Metrics;
	readonly keys: KeyRing;
	readonly publish: (topic: string, payload: string, options?: { retain?: boolean }) => Promise<void>;
};

type DueRow = {
	ap: string;
	id: string;
	kind: DownKind;
	sequence: number;
	body: never;
	issued_at: number;
	expires_at: number;
};

/** Signs and publishes what goes down. Only what is committed. */
export class Sender {
	readonly #ports: SenderPorts;
	#lastSequence = 0;

	constructor(ports: SenderPorts) {
		this.#ports = ports;
	}

	/** One that gets lost is sent again with the next batch: nothing waits for the broker here. */
	async sendAcks(acks: readonly StreamAck[]): Promise<void> {
		const { clock, metrics } = this.#ports;
		const now = clock.wallMs();
		await Promise.all(
			acks.map(async ({ ap, stream, sequence: upTo, digest }) => {
				const sequence = this.#nextSequence(now);
				const body = { stream, sequence: upTo, digest };
				const times = { issuedAt: now, expiresAt: now + ACK_LIFETIME_MS };
				await this.#send(ap, {
					version: 1,
					id: `ack-${sequence}`,
					audience: ap,
					sequence,
					...times,
					kind: 'ack',
					body,
				});
				metrics.add('acknowledgements', {});
			}),
		);
	}

	/** Commands and grants that are due. Answers how many were sent. */
	async sendDue(): Promise<number> {
		const { database, clock, metrics } = this.#ports;
		const now = clock.wallMs();
		const rows = await database.query<DueRow>(
			`WITH due AS (SELECT ap, id FROM down_message WHERE send_at <= $1 ORDER BY send_at LIMIT $2 FOR UPDATE SKIP LOCKED)
			UPDATE down_message AS m SET attempts = m.attempts + 1,
				send_at = CASE WHEN p.online AND m.expires_at > $1 THEN $1 + least($4::bigint, $3 * (1 << least(m.attempts, 10))) END
			FROM due, access_point p WHERE m.ap = due.ap AND m.id = due.id AND p.ap = m.ap
			RETURNING m.ap, m.id, m.kind, m.sequence, m.body, m.issued_at, m.expires_at`,
			[now, ROUND_MESSAGES_MAX, FIRST_RETRY_MS, RETRY_MS_MAX],
		);
		const ordered = rows.filter(({ expires_at }) => expires_at > now).toSorted((a, b) => a.sequence - b.sequence);
		for (const { ap, id, kind, sequence, body, issued_at: issuedAt, expires_at: expiresAt } of ordered) {
			await this.#send(ap, { version: 1, id, audience: ap, sequence, issuedAt, expiresAt, kind, body });
			metrics.add('down_messages', { kind });
		}
		return rows.length;
	}

	/** Retained, so that an access point has it as soon as it connects. */
	async sendPolicy({ audience, version, body }: PublishedPolicy): Promise<void> {
		const { clock, metrics } = this.#ports;
		const now = clock.wallMs();
		const times = { issuedAt: now, expiresAt: now + POLICY_LIFETIME_MS };
		const id = policyMessageName(version, audience);
		const sequence = this.#nextSequence(now);
		await this.#send(audience, { version: 1, id, audience, sequence, ...times, kind: 'policy', body }, true);
		metrics.add('down_messages', { kind: 'policy' });
	}

	/** All of them: a broker that was set up anew has none. */
	async sendPolicies(): Promise<void> {
		for (const policy of await allCurrentPolicies(this.#ports.database)) await this.sendPolicy(policy);
	}

	async #send(audience: string, message: Envelope, retain = false): Promise<void> {
		const { keys, publish } = this.#ports;
		const token = await sign(message, await keys.signing());
		await publish(downTopic(audience, message.kind), token, { retain });
	}

	/** Rises with the clock, and by itself within a millisecond. */
	#nextSequence(now: number): number {
		this.#lastSequence = Math.max(this.#lastSequence + 1, now * SEQUENCES_PER_MS);
		return this.#lastSequence;
	}
}
