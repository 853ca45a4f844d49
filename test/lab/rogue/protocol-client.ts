import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { digestOf } from '../../../protocol/digest.ts';
import type { Grant } from '../../../protocol/grant.ts';
import { keyOf, open } from '../../../protocol/signature.ts';
import { topicsOfAccessPoint, upTopic } from '../../../protocol/topics.ts';
import type { UsageRecord } from '../../../protocol/usage.ts';
import { HANG_MS } from '../until.ts';

/** Long enough for a machine with much else to do. */
const ANSWER_TIMEOUT_MS = HANG_MS;

export type Give = Extract<Grant, { kind: 'give' }>;
type Deny = Extract<Grant, { kind: 'deny' }>;
export type Json = { readonly [member: string]: unknown };

/** One that speaks the true protocol with a name and a password of its own, and says whatever a scenario wants. */
export class ProtocolClient {
	readonly name: string;
	readonly client: MqttClient;
	readonly stream = randomBytes(16).toString('hex');
	/** Answers to requests for slices, by the request. */
	readonly #answers = new Map<string, Give | Deny>();
	readonly #digests = new Map<number, string>();
	#sequence = 0;
	#acknowledged = 0;
	#last: Json = {};

	private constructor(name: string, client: MqttClient) {
		this.name = name;
		this.client = client;
	}

	/** @param key `NAME:KEY` of the platform: what comes down is believed only if it is signed with it */
	static async connect(url: string, { name, key }: { name: string; key: string }): Promise<ProtocolClient> {
		const [kid = '', x = ''] = key.split(':');
		const keys = new Map([[kid, await keyOf({ kid, x })]]);
		const client = await mqtt.connectAsync(url, { protocolVersion: 4, clean: true });
		const one = new ProtocolClient(name, client);
		client.on('message', async (_topic, payload) => {
			const opened = await open(payload, keys);
			if (opened.ok) one.#heard(opened.message);
		});
		await client.subscribeAsync([...topicsOfAccessPoint(name)], { qos: 1 });
		await one.say('state', one.state());
		return one;
	}

	/** How long it waits for an answer; what it has said too often is refused without one. */
	patienceMs = ANSWER_TIMEOUT_MS;

	state(fields: Json = {}): Json {
		const now = Date.now();
		return {
			version: 1,
			ap: this.name,
			online: true,
			softwareVersion: '1',
			policyVersion: 0,
			stream: this.stream,
			lastSequence: this.#sequence,
			sessions: 1,
			at: now,
			clockSet: true,
			...fields,
		};
	}

	async say(kind: 'usage' | 'event' | 'state' | 'reply', body: Json, { retain = false } = {}): Promise<void> {
		await this.client.publishAsync(upTopic(this.name, kind), JSON.stringify(body), { qos: 1, retain });
	}

	/** A batch with the next number. @returns the number */
	async report(records: readonly Json[], events: readonly Json[] = [], fields: Json = {}): Promise<number> {
		const sequence = ++this.#sequence;
		const batch = { version: 1, ap: this.name, stream: this.stream, sequence, records, events, ...fields };
		this.#digests.set(sequence, digestOf(JSON.stringify(batch)));
		this.#last = batch;
		await this.say('usage', batch);
		return sequence;
	}

	/** Sends the last batch once more, as an access point does that has waited in vain for its acknowledgement. */
	async reportAgain(): Promise<void> {
		await this.say('usage', this.#last);
	}

	/** @returns whether the platform says that it has stored the batch */
	async isAcknowledged(sequence: number, timeoutMs: number): Promise<boolean> {
		const end = performance.now() + timeoutMs;
		while (this.#acknowledged < sequence && performance.now() < end) await delay(5);
		return this.#acknowledged >= sequence;
	}

	get lastSequence(): number {
		return this.#sequence;
	}

	/** Sends a request for a slice. @returns its name */
	async request(account: string, wants: number, details: Json = {}): Promise<string> {
		const id = `ask-${randomUUID()}`;
		await this.say(
			'event',
			this.event('slice.request', { wants, remaining: 0, reason: 'first', ...details }, { id, account }),
		);
		return id;
	}

	/** What the platform answered to a request. */
	async answerTo(request: string, timeoutMs = this.patienceMs): Promise<Give | Deny> {
		const end = performance.now() + timeoutMs;
		while (!this.#answers.has(request) && performance.now() < end) await delay(5);
		if (!this.#answers.has(request)) throw new Error(`no answer to ${request} in ${timeoutMs} ms`);
		return this.#answers.get(request) as Give | Deny;
	}

	/** @throws where the platform denies it */
	async slice(account: string, wants: number, details: Json = {}): Promise<Give> {
		const answer = await this.answerTo(await this.request(account, wants, details));
		if (answer.kind === 'deny') throw new Error(`${this.name} got no slice of ${account}: ${answer.reason}`);
		return answer;
	}

	/** Bytes of slices that it was given, by the account. */
	get given(): ReadonlyMap<string, number> {
		const sums = new Map<string, number>();
		for (const answer of this.#answers.values())
			if (answer.kind === 'give') sums.set(answer.account, (sums.get(answer.account) ?? 0) + answer.amount);
		return sums;
	}

	event(kind: string, details: Json, fields: Json = {}): Json {
		return { version: 1, ap: this.name, id: `event-${randomUUID()}`, kind, at: Date.now(), details, ...fields };
	}

	#heard(message: { id: string; kind: string; body: unknown }): void {
		if (message.kind === 'ack') {
			const { stream, sequence, digest } = message.body as { stream: string; sequence: number; digest: string };
			const isOurs = stream === this.stream && this.#digests.get(sequence) === digest;
			if (isOurs) this.#acknowledged = Math.max(this.#acknowledged, sequence);
		}
		if (message.kind !== 'grant') return;
		const grant = message.body as Grant;
		if (grant.kind !== 'revoke' && grant.request !== undefined) this.#answers.set(grant.request, grant);
		const reply = { version: 1, ap: this.name, request: message.id, outcome: 'done' };
		this.client.publish(upTopic(this.name, 'reply'), JSON.stringify(reply), { qos: 1 });
	}
}

/** A record as an access point makes it: paid bytes of now. */
export function recordOf(fields: { account: string } & Partial<UsageRecord> & Json): Json {
	const amount = typeof fields.amount === 'number' ? fields.amount : 1000;
	const now = Date.now();
	return {
		id: randomUUID(),
		session: 'one',
		class: 'own',
		unit: 'byte',
		amount,
		upBytes: 0,
		downBytes: amount,
		paid: true,
		from: now - 1000,
		to: now,
		clockSet: true,
		...fields,
	};
}
