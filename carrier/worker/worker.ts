import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { natureOf } from '../database/sqlstates.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { isRefusal } from '../refusal.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import { type Admitted, admit, type Refusal, type UpMessage } from './door.ts';
import { HourlyLog } from './hourly-log.ts';
import type { Incoming } from './mqtt-line.ts';
import { RetryWait } from './retry-wait.ts';
import type { Sender } from './sender.ts';
import { noteRefusals, type Taken, takeMessages } from './take-messages.ts';

/** Messages of one transaction: more would make each of them wait, fewer would wait for the disk more often. */
const TRANSACTION_MESSAGES_MAX = 128;
/** Records of one transaction, so that a lock is held for some ten milliseconds. */
const TRANSACTION_RECORDS_MAX = 5000;
/** Beyond it, whoever sends must send again: the access point keeps everything that we did not acknowledge. */
const QUEUE_MESSAGES_MAX = 5000;
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

type Waiting = { readonly incoming: Incoming; readonly message: UpMessage; failures: number };
type Refused = { readonly ap: string | undefined; readonly reason: Refusal; readonly topic: string };

/**
 * Takes what access points send, many messages in one transaction, and acknowledges after it: to the broker, and (usage) to the
 * access point. It remembers nothing, so any number of workers may run.
 */
export class Worker {
	readonly #ports: WorkerPorts;
	#queue: Waiting[] = [];
	#refused: Refused[] = [];
	#running: Promise<void> | undefined;
	readonly #answers = new Set<Promise<void>>();
	#isStopped = false;
	#behindSinceMs: number | undefined;
	#cancelWait: (() => void) | undefined;
	readonly #retry: RetryWait;
	/** For what others cause. */
	readonly #log: HourlyLog;

	constructor(ports: WorkerPorts) {
		this.#ports = ports;
		this.#retry = new RetryWait(ports.random);
		this.#log = new HourlyLog(ports.log, ports.clock);
	}

	receive(incoming: Incoming): void {
		if (this.#isStopped) return;
		const { topic, payload } = incoming;
		const admitted = this.#admit(topic, payload);
		if (!admitted.ok) {
			this.#refuse(
				{ ap: admitted.ap, reason: admitted.reason, topic },
				{ bytes: payload.length, faults: admitted.faults },
			);
			// It would be wrong again: the broker need not keep it.
			incoming.done();
		} else if (this.#queue.length >= QUEUE_MESSAGES_MAX) {
			// Not acknowledged: the broker sends fewer from now on.
			this.#refuse({ ap: admitted.message.ap, reason: 'overload', topic }, {});
		} else {
			this.#queue.push({ incoming, message: admitted.message, failures: 0 });
		}
		this.#running ??= this.#run();
	}

	/** Whatever a message does to us, it is one message: thrown further, it would end the process, and again after each start. */
	#admit(topic: string, payload: Uint8Array): Admitted {
		try {
			return admit(topic, payload);
		} catch (error) {
			this.#ports.log.error({ error }, 'a defect: a message could not be looked at');
			return { ok: false, reason: 'defect', ap: undefined, faults: [] };
		}
	}

	/** Resolves when everything that has been received is committed, or given back to the broker. */
	async idle(): Promise<void> {
		while (this.#running !== undefined) await this.#running;
		await Promise.all(this.#answers);
	}

	/** Since when messages are being stored, without success until now; undefined: none waits. */
	get behindSinceMs(): number | undefined {
		return this.#behindSinceMs;
	}

	/** What is not committed by then stays with the broker. */
	async stop(): Promise<void> {
		this.#isStopped = true;
		this.#cancelWait?.();
		await this.idle();
	}

	async #run(): Promise<void> {
		// More that arrived together goes into one transaction.
		await new Promise<void>((resume) => setImmediate(resume));
		while ((this.#queue.length > 0 || this.#refused.length > 0) && !this.#isStopped) {
			const round = this.#nextRound();
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

	#nextRound(): Waiting[] {
		let records = 0;
		let count = 0;
		for (const { message } of this.#queue) {
			records += message.kind === 'usage' ? message.batch.usage.records.length : 1;
			if (count > 0 && (records > TRANSACTION_RECORDS_MAX || count >= TRANSACTION_MESSAGES_MAX)) break;
			count++;
		}
		return this.#queue.splice(0, count);
	}

	/** @param options `oneByOne`: what the store refuses of a batch goes on the list for a person */
	async #commit(round: readonly Waiting[], { oneByOne = false }: { oneByOne?: boolean } = {}): Promise<void> {
		const { database, clock, metrics, slices, sender } = this.#ports;
		const now = clock.wallMs();
		const messages = round.map(({ message }) => message);
		const taken = await database.transaction(async (tx) => await takeMessages(tx, messages, { slices, now, oneByOne }));
		metrics.add('transactions', { outcome: 'committed' });
		this.#behindSinceMs = undefined;
		this.#retry.over();
		for (const { incoming } of round) incoming.done();
		this.#count(taken);
		for (const { ap, kind } of taken.strangers) this.#note({ ap, reason: 'unknown_ap', topic: kind });
		// The broker may be slow: the next transaction does not wait for it.
		const answered = this.#answer(sender, taken).finally(() => this.#answers.delete(answered));
		this.#answers.add(answered);
	}

	/** Apart from what is taken: what is refused is a stranger's, and must not keep others from being committed. */
	async #commitRefusals(): Promise<void> {
		const refused = this.#refused.splice(0);
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
	async #failed(round: readonly Waiting[], error: unknown, { oneByOne = false } = {}): Promise<void> {
		const { metrics } = this.#ports;
		metrics.add('transactions', { outcome: 'failed' });
		const said = { error: (error as Error).message, messages: round.length };
		this.#log.say('error', 'a transaction failed', said, codeOf(error));
		const isRefused = isRefusal(error);
		const nature = natureOf(error);
		const [first] = round;
		// What is neither a refusal nor a fault of the store is a defect that this message finds, if it does so alone.
		const isDefect =
			nature === undefined && round.length === 1 && first !== undefined && ++first.failures >= ATTEMPTS_MAX;
		if (!isRefused && !(isDefect && (await this.#hasStore()))) {
			this.#queue.unshift(...round);
			await this.#pause(this.#retry.next(nature));
			return;
		}
		if (round.length === 1 && first !== undefined) {
			const { ap, kind } = first.message;
			if (isRefused && kind === 'usage' && !oneByOne) return await this.#commitOneByOne(first);
			this.#refuse({ ap, reason: isRefused ? 'database' : 'defect', topic: kind }, { error: (error as Error).message });
			this.#behindSinceMs = undefined;
			first.incoming.done();
			return;
		}
		for (const one of round) {
			try {
				await this.#commit([one]);
			} catch (cause) {
				await this.#failed([one], cause);
			}
		}
	}

	/** A batch must not be refused as a whole: its access point would send it for ever, and nothing behind it. */
	async #commitOneByOne(one: Waiting): Promise<void> {
		try {
			await this.#commit([one], { oneByOne: true });
		} catch (cause) {
			await this.#failed([one], cause, { oneByOne: true });
		}
	}

	/** Ends with the stop. */
	async #pause(waitMs: number): Promise<void> {
		if (this.#isStopped) return;
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

	#refuse(refused: Refused, details: object): void {
		this.#ports.metrics.add('messages_refused', { reason: refused.reason });
		this.#log.say('warn', 'a message was refused', { ...refused, ...details }, refused.reason);
		this.#note(refused);
	}

	#note(refused: Refused): void {
		if (this.#refused.length < QUEUE_MESSAGES_MAX) this.#refused.push(refused);
	}

	#count({ accepted, strangers, ingested, skewed, notDone }: Taken): void {
		const { metrics } = this.#ports;
		const log = this.#log;
		for (const message of accepted) {
			metrics.add('messages', { kind: message.kind });
			if (message.kind === 'reply') metrics.add('replies', { outcome: message.reply.outcome });
		}
		for (const one of notDone) log.say('warn', 'an access point did not do what it was sent', one, one.outcome);
		for (const { ap } of strangers) {
			metrics.add('messages_refused', { reason: 'unknown_ap' });
			log.say('warn', 'a message was refused', { ap, reason: 'unknown_ap' }, 'unknown_ap');
		}
		if (skewed > 0) {
			metrics.add('clocks_skewed', {}, skewed);
			log.say('warn', 'clocks of access points are far off', { skewed });
		}
		if (ingested === undefined) return;
		for (const [batch, fate] of ingested.fates) {
			metrics.add('batches', { fate });
			const { ap, stream, sequence } = batch.usage;
			if (fate === 'conflict') log.say('error', 'an access point came back from a backup', { ap, stream, sequence });
		}
		metrics.add('records', { fate: 'new' }, ingested.records);
		metrics.add('records', { fate: 'repeated' }, ingested.repeatedRecords);
		for (const { reason } of ingested.suspects) metrics.add('suspects', { reason });
		if (ingested.unknownAccounts === 0) return;
		metrics.add('accounts_unknown', {}, ingested.unknownAccounts);
		log.say('warn', 'usage of accounts that the platform does not have', { count: ingested.unknownAccounts });
	}
}

/** Of the database or the machine: from a list that they have. */
function codeOf(error: unknown): string {
	const { code } = error as { code?: unknown };
	return typeof code === 'string' ? code : '';
}
