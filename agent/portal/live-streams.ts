import type { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { BootMs, MacAddress } from '../core/units.ts';
import { beginStream } from './answer.ts';
import {
	KEEP_ALIVE_TIMEOUT_MS,
	STREAM_BACKLOG_BYTES_MAX,
	STREAM_INTERVAL_MS,
	STREAM_LIFETIME_MS,
	STREAM_SILENCE_MS,
	STREAM_SLOTS,
	STREAMS_MAX,
	STREAMS_PER_STATION_MAX,
} from './limits.ts';

type Stream = {
	readonly mac: MacAddress;
	readonly response: ServerResponse;
	readonly figures: () => unknown;
	readonly beganMs: BootMs;
	/** Its part of the interval. */
	readonly slot: number;
	/** What was sent last, and when. */
	text: string;
	sentMs: BootMs;
};

/** Server-Sent Events (HTML, 9.2): the figures of stations, each time that they have changed. One timer for all. */
export class LiveStreams {
	readonly #clock: Clock;
	readonly #log: Log;
	readonly #streams = new Set<Stream>();
	#cancel: (() => void) | undefined;
	#opened = 0;
	#slot = 0;
	/** Streams that were cut because nobody read them. */
	#dropped = 0;

	constructor({ clock, log }: { clock: Clock; log: Log }) {
		this.#clock = clock;
		this.#log = log;
	}

	get size(): number {
		return this.#streams.size;
	}

	get dropped(): number {
		return this.#dropped;
	}

	/** Whether a station may have one more. */
	mayOpen(mac: MacAddress): boolean {
		let own = 0;
		for (const stream of this.#streams) if (stream.mac === mac) own += 1;
		return own < STREAMS_PER_STATION_MAX;
	}

	/** Answers with a stream, whose first message is sent at once. Ask {@link mayOpen} before. */
	open(mac: MacAddress, response: ServerResponse, figures: () => unknown): void {
		if (this.#streams.size >= STREAMS_MAX) this.#end(this.#leastMissed());
		const now = this.#clock.bootMs();
		const stream: Stream = {
			mac,
			response,
			figures,
			beganMs: now,
			slot: this.#opened++ % STREAM_SLOTS,
			text: '',
			sentMs: now,
		};
		this.#streams.add(stream);
		response.once('close', () => this.#streams.delete(stream));
		beginStream(response);
		this.#look(stream, now);
		this.#cancel ??= this.#clock.after(STREAM_INTERVAL_MS / STREAM_SLOTS, () => this.#lookAtSome());
	}

	/** May be called twice. The connections are the server's to close. */
	stop(): void {
		this.#cancel?.();
		this.#cancel = undefined;
		this.#streams.clear();
	}

	#lookAtSome(): void {
		const now = this.#clock.bootMs();
		this.#slot = (this.#slot + 1) % STREAM_SLOTS;
		for (const stream of this.#streams) {
			if (stream.slot !== this.#slot) continue;
			try {
				this.#look(stream, now);
			} catch (error) {
				this.#log.error({ error }, 'the figures of a stream could not be made');
				this.#drop(stream);
			}
		}
		this.#cancel =
			this.#streams.size > 0
				? this.#clock.after(STREAM_INTERVAL_MS / STREAM_SLOTS, () => this.#lookAtSome())
				: undefined;
	}

	#look(stream: Stream, now: BootMs): void {
		const { response, beganMs } = stream;
		if (response.writableLength > STREAM_BACKLOG_BYTES_MAX) {
			this.#dropped += 1;
			this.#log.warn({ mac: stream.mac, dropped: this.#dropped }, 'nobody reads this stream: it is cut');
			this.#drop(stream);
			return;
		}
		if (now - beganMs >= STREAM_LIFETIME_MS) {
			this.#end(stream);
			return;
		}
		const text = JSON.stringify(stream.figures());
		if (text === stream.text && now - stream.sentMs < STREAM_SILENCE_MS) return;
		stream.text = text;
		stream.sentMs = now;
		response.write(`data: ${text}\n\n`);
	}

	/** The client opens it anew, or asks instead. */
	#end(stream: Stream): void {
		this.#streams.delete(stream);
		stream.response.end();
		// Whoever does not read the end either is not waited for.
		this.#clock.after(KEEP_ALIVE_TIMEOUT_MS, () => stream.response.destroy());
	}

	/** The oldest one of the station that has most. */
	#leastMissed(): Stream {
		const counts = new Map<MacAddress, number>();
		for (const { mac } of this.#streams) counts.set(mac, (counts.get(mac) ?? 0) + 1);
		const most = Math.max(...counts.values());
		return [...this.#streams].find(({ mac }) => counts.get(mac) === most) as Stream;
	}

	#drop(stream: Stream): void {
		this.#streams.delete(stream);
		stream.response.destroy();
	}
}
