import { parseTopic, upTopic } from '../../protocol/topics.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { natureOf } from '../database/sqlstates.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { isRefusal } from '../refusal.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import { AccessPointRates } from './access-point-rates.ts';
import { countTaken, deferredBy } from './count-taken.ts';
import { type Admitted, admit, type UpMessage } from './door.ts';
import { FairQueue, type Waiting } from './fair-queue.ts';
import { HourlyLog } from './hourly-log.ts';
import { costOf, QUEUE_LIMITS, RATE_LIMITS } from './intake-limits.ts';
import type { Incoming } from './mqtt-line.ts';
import { Refusals, type Refused } from './refusals.ts';
import { RetryWait } from './retry-wait.ts';
import type { Sender } from './sender.ts';
import { noteRefusals, type Taken, takeMessages } from './take-messages.ts';

/** Messages of one transaction: more would make each of them wait, fewer would wait for the disk more often. */
const TRANSACTION_MESSAGES_MAX = 128;
/** Costs of one transaction, so that a lock is held for some hundred milliseconds at most. */
const TRANSACTION_COST_MAX = 8000;
/** A worker that is told to stop commits what waits, for so long. */
const STOP_MS = 5000;

export type WorkerPorts = {
	readonly database: Database;
	readonly clock: Clock;
	readonly log: Log;
	readonly metrics: Metrics;
	readonly sender: Sender;
	readonly slices: SlicePolicy;
	/** Spreads waits. */
	readonly random: () => number;
};

/** So often a message may fail alone, with a store that answers, before it is refused: else it would come again for ever. */
const ATTEMPTS_MAX = 5;

type Item = { readonly message: UpMessage; failures: number };

/**
 * Takes what access points send, many messages in one transaction, and acknowledges usage after it. Access points have turns, and each a
 * queue and a rate of its own. It remembers nothing, so any number of workers may run.
 */
export class Worker {
	readonly #ports: WorkerPorts;
	readonly #queue = new FairQueue<Item>(QUEUE_LIMITS);
	readonly #rates: AccessPointRates;
	readonly #refusals: Refusals;
	#running: Promise<void> | undefined;
	readonly #answers = new Set<Promise<void>>();
	#isStopped = false;
	#isEnd = false;
	#behindSinceMs: number | undefined;
	#cancelWait: (() => void) | undefined;
	readonly #waits: RetryWait;
	/** For what others cause. */
	readonly #log: HourlyLog;

	constructor(ports: WorkerPorts) {
		this.#ports = ports;
		this.#waits = new RetryWait(ports.random);
		this.#log = new HourlyLog(ports.log, ports.clock);
		this.#rates = new AccessPointRates(RATE_LIMITS, ports.clock);
		this.#refusals = new Refusals(ports.clock);
	}

	/**
	 * Queues a message, or refuses it. What is refused is dropped: its access point sends usage (and events with it) until the platform itself
	 * has acknowledged it.
	 */
	receive({ topic, payload }: Incoming): void {
		if (this.#isStopped) return;
		const where = parseTopic(topic);
		const sender = where?.direction === 'up' ? where : undefined;
		if (sender !== undefined && !this.#hasRoom(sender.ap, sender.kind, payload.length)) {
			this.#refuse({ ap: sender.ap, reason: 'overload', topic });
			this.#wake();
			return;
		}
		const admitted = this.#admit(topic, payload);
		if (sender !== undefined) this.#rates.spend(sender.ap, costOf(payload.length, admitted));
		if (!admitted.ok) {
			const details = { bytes: payload.length, faults: admitted.faults };
			this.#refuse({ ap: admitted.ap, reason: admitted.reason, topic }, details);
		} else this.#enqueue(admitted.message, payload.length, costOf(payload.length, admitted));
		this.#wake();
	}

	/** Known before a message is parsed: a flood costs no more than to be read. */
	#hasRoom(ap: string, kind: UpMessage['kind'], bytes: number): boolean {
		return this.#queue.hasRoom(ap, { bytes, isUsage: kind === 'usage' }) && this.#rates.isWithin(ap);
	}

	#enqueue(message: UpMessage, bytes: number, cost: number): void {
		const { ap, kind } = message;
		const gone = this.#queue.push({ ap, item: { message, failures: 0 }, cost, bytes, isUsage: kind === 'usage' });
		for (const { ap: whose, item } of gone)
			this.#refuse({ ap: whose, reason: 'overload', topic: upTopic(whose, item.message.kind) });
	}

	#wake(): void {
		if (this.#queue.length > 0 || this.#refusals.length > 0) this.#running ??= this.#run();
	}

	/** Whatever a message does to us, it is one message: thrown further, it would end the process, and again after each start. */
	#admit(topic: string, payload: Uint8Array): Admitted {
		try {
			return admit(topic, payload);
		} catch (error) {
			const fields = { error: (error as Error).message, stack: (error as Error).stack };
			this.#log.say('error', 'a defect: a message could not be looked at', fields);
			return { ok: false, reason: 'defect', ap: undefined, faults: [] };
		}
	}

	/** Resolves when everything that has been received is committed or refused. */
	async idle(): Promise<void> {
		while (this.#running !== undefined) await this.#running;
		await Promise.all(this.#answers);
	}

	/** Since when messages are being stored, without success until now; undefined: none waits. */
	get behindSinceMs(): number | undefined {
		return this.#behindSinceMs;
	}

	/** Takes nothing more, and commits what waits if that can be done soon. The rest comes again. */
	async stop(): Promise<void> {
		this.#isStopped = true;
		this.#cancelWait?.();
		const cancel = this.#ports.clock.after(STOP_MS, () => {
			this.#isEnd = true;
		});
		await this.idle();
		cancel();
	}

	async #run(): Promise<void> {
		// More that arrived together goes into one transaction.
		await new Promise<void>((resume) => setImmediate(resume));
		while ((this.#queue.length > 0 || this.#refusals.length > 0) && !this.#isEnd) {
			const round = this.#queue.next({ costMax: TRANSACTION_COST_MAX, countMax: TRANSACTION_MESSAGES_MAX });
			try {
				if (round.length > 0) {
					this.#behindSinceMs ??= this.#ports.clock.wallMs();
					await this.#commit(round);
				}
			} catch (error) {
				await this.#failed(round, error);
			}
			await this.#commitRefusals();
		}
		this.#running = undefined;
	}

	/** @param options `oneByOne`: what the store refuses of a batch goes on the list for a person */
	async #commit(round: readonly Waiting<Item>[], { oneByOne = false }: { oneByOne?: boolean } = {}): Promise<void> {
		const { database, clock, metrics, slices, sender } = this.#ports;
		const now = clock.wallMs();
		const messages = round.map(({ item }) => item.message);
		const taken = await database.transaction(async (tx) => await takeMessages(tx, messages, { slices, now, oneByOne }));
		metrics.add('transactions', { outcome: 'committed' });
		this.#behindSinceMs = undefined;
		this.#waits.over();
		countTaken(taken, metrics, this.#log);
		for (const { ap, kind } of taken.strangers) this.#refusals.note({ ap, reason: 'unknown_ap', topic: kind });
		for (const ap of deferredBy(taken)) this.#refuse({ ap, reason: 'streams', topic: 'usage' });
		// The broker may be slow: the next transaction does not wait for it.
		const answered = this.#answer(sender, taken).finally(() => this.#answers.delete(answered));
		this.#answers.add(answered);
	}

	/** Apart from what is taken: what is refused is a stranger's, and must not keep others from being committed. */
	async #commitRefusals(): Promise<void> {
		const refused = this.#refusals.take();
		if (refused.length === 0) return;
		const { database, clock } = this.#ports;
		try {
			await database.transaction(async (tx) => await noteRefusals(tx, refused, clock.wallMs()));
		} catch (error) {
			// They are counted and in the log; the event of this hour comes with the next one.
			this.#log.say('error', 'refusals could not be stored', { error: (error as Error).message }, codeOf(error));
		}
	}

	async #answer(sender: Sender, { ingested, mayAnswer }: Taken): Promise<void> {
		try {
			if (ingested !== undefined) await sender.sendAcks(ingested.acks);
			if (mayAnswer) await sender.sendDue();
		} catch (error) {
			// Acknowledgements are repeated with the next batch, messages stay due.
			this.#log.say('warn', 'answers could not be sent', { error: (error as Error).message });
		}
	}

	/** One message that the store does not take must not stop all others; a store that is away must not lose any. */
	async #failed(round: readonly Waiting<Item>[], error: unknown, { oneByOne = false } = {}): Promise<void> {
		const { metrics } = this.#ports;
		metrics.add('transactions', { outcome: 'failed' });
		const said = { error: (error as Error).message, messages: round.length };
		this.#log.say('error', 'a transaction failed', said, codeOf(error));
		const isRefused = isRefusal(error);
		const nature = natureOf(error);
		const [first] = round;
		// What is neither a refusal nor a fault of the store is a defect that this message finds, if it does so alone.
		const isDefect =
			nature === undefined && round.length === 1 && first !== undefined && ++first.item.failures >= ATTEMPTS_MAX;
		if (!isRefused && !(isDefect && (await this.#hasStore()))) {
			this.#queue.putBack(round);
			await this.#pause(this.#waits.next(nature));
			return;
		}
		if (round.length === 1 && first !== undefined) {
			const { ap, kind } = first.item.message;
			if (isRefused && kind === 'usage' && !oneByOne) return await this.#retry([first], { oneByOne: true });
			const reason = isRefused ? 'database' : 'defect';
			this.#refuse({ ap, reason, topic: kind }, { error: (error as Error).message });
			this.#behindSinceMs = undefined;
			return;
		}
		// First what others sent: one access point with a message that fails costs them one transaction more, not one each.
		const byAccessPoint = groupedByAp(round);
		const parts = byAccessPoint.size > 1 ? [...byAccessPoint.values()] : round.map((one) => [one]);
		for (const part of parts) await this.#retry(part);
	}

	/** With `oneByOne`: a batch must not be refused as a whole, or its access point would send it for ever, and nothing behind it. */
	async #retry(part: readonly Waiting<Item>[], { oneByOne = false } = {}): Promise<void> {
		try {
			await this.#commit(part, { oneByOne });
		} catch (cause) {
			await this.#failed(part, cause, { oneByOne });
		}
	}

	/** Ends with the stop. */
	async #pause(waitMs: number): Promise<void> {
		// Whoever stops does not wait for a store that is away.
		if (this.#isStopped) {
			this.#isEnd = true;
			return;
		}
		await new Promise<void>((resume) => {
			const cancel = this.#ports.clock.after(waitMs, resume);
			this.#cancelWait = () => {
				cancel();
				resume();
			};
		});
		this.#cancelWait = undefined;
	}

	async #hasStore(): Promise<boolean> {
		return await this.#ports.database.query('SELECT 1').then(
			() => true,
			() => false,
		);
	}

	#refuse(refused: Refused, details: object = {}): void {
		this.#ports.metrics.add('messages_refused', { reason: refused.reason });
		this.#log.say('warn', 'a message was refused', { ...refused, ...details }, refused.reason);
		this.#refusals.note(refused);
	}
}

function groupedByAp(round: readonly Waiting<Item>[]): Map<string, Waiting<Item>[]> {
	const groups = new Map<string, Waiting<Item>[]>();
	for (const one of round) groups.set(one.ap, [...(groups.get(one.ap) ?? []), one]);
	return groups;
}

/** Of the database or the machine: from a list that they have. */
function codeOf(error: unknown): string {
	const { code } = error as { code?: unknown };
	return typeof code === 'string' ? code : '';
}
