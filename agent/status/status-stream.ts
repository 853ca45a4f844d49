import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { WATCH_UNREAD_BYTES_MAX, WATCH_UNREAD_MS_MAX } from './limits.ts';
import { pictureChange } from './picture-change.ts';
import type { Watching } from './protocol.ts';
import {
	STREAM_VERSION,
	type StatusEvent,
	type StatusPicture,
	type StatusSnapshot,
	type TableChanges,
} from './snapshot.ts';

/** Who watches: how many now, and how many were disconnected since the start because they did not read. */
export type StreamReaders = { readonly count: number; readonly dropped: number };

/** What is streamed. Asked only while somebody watches. */
export type PictureSource = {
	/**
	 * All, as it is now, and what has changed in the tables since the picture before; after a rest, that is nothing that
	 * anybody needs. Parts that have not changed are the same objects. Rows may be changed in place.
	 */
	picture(readers: StreamReaders): { picture: StatusPicture; tables: TableChanges };
	/** Nobody watches any more: what was kept for the next picture may go. */
	rest(): void;
};

/** One that watches; the connection's side of it. */
export type StreamReader = {
	send(line: Buffer): void;
	/** What was sent and the kernel has not taken yet. */
	unreadBytes(): number;
	drop(): void;
};

export type StatusStreamOptions = {
	readonly source: PictureSource;
	/** Between two deltas. */
	readonly intervalMs: number;
	readonly clock: Clock;
	readonly log: Log;
};

/** Sends everybody that watches the same bytes: each snapshot and each delta is made and encoded once. */
export class StatusStream {
	readonly #options: StatusStreamOptions;
	/** Since when each reader has something unread. */
	readonly #readers = new Map<StreamReader, number | undefined>();
	#picture: StatusPicture | undefined;
	#sequence = 0;
	#atMs = 0;
	/** Of the present picture, made when the first reader needs it. */
	#snapshot: Buffer | undefined;
	#cancel: (() => void) | undefined;
	#dropped = 0;

	constructor(options: StatusStreamOptions) {
		this.#options = options;
	}

	get watching(): Watching {
		return { version: STREAM_VERSION, intervalMs: this.#options.intervalMs };
	}

	readonly readers = (): StreamReaders => ({ count: this.#readers.size, dropped: this.#dropped });

	/** Sends it the snapshot, and from then on every delta. */
	add(reader: StreamReader): void {
		const { source, clock } = this.#options;
		this.#readers.set(reader, undefined);
		if (this.#picture === undefined) {
			this.#picture = source.picture(this.readers()).picture;
			this.#sequence += 1;
			this.#atMs = clock.wallMs();
			this.#schedule();
		}
		this.#snapshot ??= encode(snapshotOf(this.#picture, { sequence: this.#sequence, atMs: this.#atMs }));
		reader.send(this.#snapshot);
	}

	remove(reader: StreamReader): void {
		if (!this.#readers.delete(reader) || this.#readers.size > 0) return;
		this.#cancel?.();
		this.#cancel = undefined;
		this.#picture = undefined;
		this.#snapshot = undefined;
		this.#options.source.rest();
	}

	#schedule(): void {
		this.#cancel = this.#options.clock.after(this.#options.intervalMs, () => {
			this.#cancel = undefined;
			try {
				this.#next();
			} catch (error) {
				this.#fail(error);
			}
			if (this.#readers.size > 0) this.#schedule();
		});
	}

	#next(): void {
		const before = this.#picture;
		if (before === undefined) return;
		this.#dropSlow();
		if (this.#readers.size === 0) return;
		const { picture: after, tables } = this.#options.source.picture(this.readers());
		const sequence = this.#sequence + 1;
		const atMs = this.#options.clock.wallMs();
		const line = encode(pictureChange(before, after, { head: { sequence, atMs }, tables }));
		this.#picture = after;
		this.#sequence = sequence;
		this.#atMs = atMs;
		this.#snapshot = undefined;
		for (const reader of this.#readers.keys()) reader.send(line);
	}

	/** Readers begin anew with a snapshot when they come back. */
	#fail(error: unknown): void {
		this.#options.log.error({ error }, 'the status could not be read; its readers are disconnected');
		for (const reader of [...this.#readers.keys()]) {
			this.remove(reader);
			reader.drop();
		}
	}

	#dropSlow(): void {
		const now = this.#options.clock.bootMs();
		for (const [reader, since] of this.#readers) {
			const unreadBytes = reader.unreadBytes();
			const unreadSince = unreadBytes === 0 ? undefined : (since ?? now);
			this.#readers.set(reader, unreadSince);
			const isLate = unreadSince !== undefined && now - unreadSince >= WATCH_UNREAD_MS_MAX;
			if (unreadBytes <= WATCH_UNREAD_BYTES_MAX && !isLate) continue;
			this.#dropped += 1;
			this.remove(reader);
			reader.drop();
		}
	}
}

function snapshotOf(picture: StatusPicture, head: { sequence: number; atMs: number }): StatusSnapshot {
	return { watch: 'snapshot', version: STREAM_VERSION, ...head, ...picture };
}

function encode(event: StatusEvent): Buffer {
	return Buffer.from(`${JSON.stringify(event)}\n`);
}
