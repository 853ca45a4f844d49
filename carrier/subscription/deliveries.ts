import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { HourlyLog } from '../worker/hourly-log.ts';
import { postWebhook, WEBHOOK_TIMEOUT_MS } from './post-webhook.ts';
import { type DueDelivery, dueDeliveries, noteAnswer, noteFault, RECEIVER_AT_ONCE_MAX } from './receivers.ts';
import { isForeignTopic } from './subscription-address.ts';

/** Deliveries that are under way at once. */
const AT_ONCE_MAX = 64;
/** Of these, those to receivers that failed the last time: the others keep half for themselves. */
const AILING_AT_ONCE_MAX = 32;

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

/**
 * Sends what is due, each at least once, until its receiver has taken it. Receivers know a repetition by its name. Each receiver has turns and a
 * few places of its own; one that fails waits by itself.
 */
export class Deliveries {
	readonly #ports: DeliveryPorts;
	readonly #log: HourlyLog;
	/** Under way, by the receiver. */
	readonly #running = new Map<string, Set<Promise<void>>>();
	#ailing = 0;
	#isStopped = false;
	#isAsking = false;
	/** Places became free while the database was asked. */
	#isAgain = false;

	constructor(ports: DeliveryPorts) {
		this.#ports = ports;
		this.#log = new HourlyLog(ports.log, ports.clock);
	}

	/** Begins what is due and has a place, and waits for none of it: one slow receiver delays nobody. Answers how many were begun. */
	async begin(): Promise<number> {
		if (this.#isAsking) this.#isAgain = true;
		if (this.#isStopped || this.#isAsking) return 0;
		this.#isAsking = true;
		let begun = 0;
		try {
			do {
				this.#isAgain = false;
				begun += await this.#beginSome();
			} while (this.#isAgain && !this.#isStopped);
			return begun;
		} finally {
			this.#isAsking = false;
		}
	}

	async #beginSome(): Promise<number> {
		const room = AT_ONCE_MAX - this.#count();
		if (room <= 0) return 0;
		const due = await dueDeliveries(this.#ports.database, {
			now: this.#ports.clock.wallMs(),
			room,
			ailingRoom: Math.max(0, AILING_AT_ONCE_MAX - this.#ailing),
			busy: [...this.#running].filter(([, set]) => set.size >= RECEIVER_AT_ONCE_MAX).map(([name]) => name),
			heldMs: 2 * WEBHOOK_TIMEOUT_MS,
		});
		for (const one of due) this.#start(one);
		return due.length;
	}

	/** Until nothing is under way. */
	async idle(): Promise<void> {
		while (this.#running.size > 0 || this.#isAsking) {
			// Something that ended may begin the next.
			if (this.#running.size === 0) await new Promise<void>((resume) => setImmediate(resume));
			await Promise.all([...this.#running.values()].flatMap((set) => [...set]));
		}
	}

	/** What is under way ends by its own time-out. */
	async stop(): Promise<void> {
		this.#isStopped = true;
		await this.idle();
	}

	#count(): number {
		let count = 0;
		for (const set of this.#running.values()) count += set.size;
		return count;
	}

	#start(due: DueDelivery): void {
		const set = this.#running.get(due.receiver) ?? new Set();
		this.#running.set(due.receiver, set);
		if (due.isAiling) this.#ailing += 1;
		const running = this.#deliver(due).then((isTaken) => {
			if (due.isAiling) this.#ailing -= 1;
			set.delete(running);
			if (set.size === 0) this.#running.delete(due.receiver);
			// There may be more for it.
			if (isTaken) void this.begin().catch((error) => this.#say(error));
		});
		set.add(running);
	}

	/** @returns whether its receiver has it */
	async #deliver(due: DueDelivery): Promise<boolean> {
		const { database, clock, metrics } = this.#ports;
		try {
			const fault = await attempt(this.#ports, due);
			const now = clock.wallMs();
			if (fault === undefined) {
				metrics.add('deliveries', { outcome: 'delivered' });
				await noteAnswer(database, due, now);
				return true;
			}
			const { isLast, givenUp } = await noteFault(database, due, fault, now);
			metrics.add('deliveries', { outcome: 'failed' });
			if (givenUp > 0) metrics.add('deliveries', { outcome: 'given_up' }, givenUp);
			const { receiver, attempts } = due;
			this.#log.say('warn', 'a delivery failed', { receiver, attempts, fault, isLast }, receiver);
		} catch (error) {
			// The database is away: it is due again when its time is over.
			this.#say(error);
		}
		return false;
	}

	#say(error: unknown): void {
		this.#log.say('warn', 'deliveries could not be noted', { error: (error as Error).message });
	}
}

/** Undefined if it arrived. */
async function attempt({ publish, privateHosts, clock }: DeliveryPorts, due: DueDelivery): Promise<string | undefined> {
	const { target, address, secret, name } = due;
	const body = JSON.stringify({ delivery: name, ...(due.body as object) });
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
