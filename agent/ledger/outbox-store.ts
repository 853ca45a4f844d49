import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import type { AcknowledgeAnswer, Batch, BatchContent, OutboxState, SealedBatch } from './carrier.ts';
import type { CarrierEvents } from './carrier-events.ts';
import type { Moment } from './moment.ts';
import type { UnreportedUsage } from './unreported-usage.ts';

type OutboxRow = {
	readonly stream: string;
	readonly sealed: number;
	readonly acknowledged: number;
	readonly digest: string | null;
	readonly events_dropped: number;
};

export type SealRequest = {
	readonly at: Moment;
	readonly recordsMax: number;
	readonly eventsMax: number;
	readonly make: (content: BatchContent) => SealedBatch;
};

/** The tables `outbox` and `batch`: numbered batches, kept until the platform has them. Only inside of a transaction. */
export class OutboxStore {
	readonly #usage: UnreportedUsage;
	readonly #events: CarrierEvents;
	readonly #row: Database.Statement<[], OutboxRow>;
	readonly #begin: Database.Statement<[string]>;
	readonly #add: Database.Statement<[number, string, string]>;
	readonly #sealed: Database.Statement<[number, string]>;
	readonly #after: Database.Statement<[number, number], Batch>;
	readonly #at: Database.Statement<[number], Batch>;
	readonly #delete: Database.Statement<[number]>;
	readonly #acknowledged: Database.Statement<[number]>;
	readonly #restart: Database.Statement<[string]>;
	readonly #events_: Database.Statement<[], number>;

	constructor(database: Database.Database, { usage, events }: { usage: UnreportedUsage; events: CarrierEvents }) {
		this.#usage = usage;
		this.#events = events;
		this.#row = database.prepare('SELECT stream, sealed, acknowledged, digest, events_dropped FROM outbox');
		this.#begin = database.prepare('INSERT INTO outbox (only, stream) VALUES (1, ?)');
		this.#add = database.prepare('INSERT INTO batch VALUES (?, ?, ?)');
		this.#sealed = database.prepare('UPDATE outbox SET sealed = ?, digest = ?');
		this.#after = database.prepare(
			'SELECT sequence, payload, digest FROM batch WHERE sequence > ? ORDER BY sequence LIMIT ?',
		);
		this.#at = database.prepare('SELECT sequence, payload, digest FROM batch WHERE sequence = ?');
		this.#delete = database.prepare('DELETE FROM batch WHERE sequence <= ?');
		this.#acknowledged = database.prepare('UPDATE outbox SET acknowledged = ?');
		this.#restart = database.prepare('UPDATE outbox SET stream = ?, sealed = 0, acknowledged = 0, digest = NULL');
		this.#events_ = database.prepare<[], number>('SELECT count(*) FROM event').pluck();
	}

	begin(stream: string, at: Moment): void {
		if (this.#row.get() !== undefined) return;
		this.#begin.run(stream);
		this.#usage.skipPast(at);
	}

	state(): OutboxState {
		const { stream, sealed, acknowledged, events_dropped: eventsDropped } = this.#known();
		return {
			stream,
			sealed,
			acknowledged,
			eventsDropped,
			sessions: this.#usage.count(),
			events: this.#events_.get() ?? 0,
		};
	}

	seal({ at, recordsMax, eventsMax, make }: SealRequest): boolean {
		const { stream, sealed, digest } = this.#known();
		const { parts, isAll } = this.#usage.take(recordsMax, at);
		// What is left of a slice stands behind all that was used of it.
		const events = isAll ? this.#events.take(eventsMax) : [];
		if (parts.length + events.length === 0) return false;
		const sequence = sealed + 1;
		this.#keep(sequence, make({ stream, sequence, ...(digest === null ? {} : { previous: digest }), parts, events }));
		return true;
	}

	batches(after: number, limit: number): Batch[] {
		return this.#after.all(after, limit);
	}

	acknowledge(ack: { stream: string; sequence: number; digest: string }): AcknowledgeAnswer {
		const { stream, sealed, acknowledged } = this.#known();
		if (ack.stream !== stream) return 'other_stream';
		if (ack.sequence <= acknowledged) return 'old';
		// Whoever repeats an old answer to a database that came back from a backup must not make it forget new batches.
		if (ack.sequence > sealed || this.#at.get(ack.sequence)?.digest !== ack.digest) return 'conflict';
		this.#delete.run(ack.sequence);
		this.#acknowledged.run(ack.sequence);
		return 'acknowledged';
	}

	restart(
		stream: string,
		remake: (batch: Batch, content: Omit<BatchContent, 'parts' | 'events'>) => SealedBatch,
	): void {
		const batches = this.#after.all(0, -1);
		this.#delete.run(Number.MAX_SAFE_INTEGER);
		this.#restart.run(stream);
		let previous: string | undefined;
		for (const [index, batch] of batches.entries()) {
			const sequence = index + 1;
			const made = remake(batch, { stream, sequence, ...(previous === undefined ? {} : { previous }) });
			this.#keep(sequence, made);
			previous = made.digest;
		}
	}

	#keep(sequence: number, { payload, digest }: SealedBatch): void {
		this.#add.run(sequence, payload, digest);
		this.#sealed.run(sequence, digest);
	}

	#known(): OutboxRow {
		const row = this.#row.get();
		if (row === undefined)
			throw new OctroiError('not_found', 'this ledger has no outbox: no carrier was configured yet');
		return row;
	}
}
