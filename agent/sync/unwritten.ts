import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';

/** How often the log says that it goes on. */
const REPEAT_MS = 3_600_000;

export type UnwrittenOptions = {
	readonly clock: Clock;
	readonly log: Log;
	/** Notes the fault for the carrier. @throws OctroiError `ledger_unwritable` as long as it lasts */
	readonly note: (details: { what: 'unwritable'; seconds: number; failures: number }) => void;
};

/**
 * The times when the outbox cannot be written (a full disk, another process that holds the ledger): one line in the log at the
 * beginning, every hour and at the end, and at the end one event, which could not be stored before.
 */
export class Unwritten {
	readonly #options: UnwrittenOptions;
	/** How often writing has failed since the start. */
	count = 0;
	#spell: { readonly sinceMs: number; readonly countBefore: number; toldMs: number } | undefined;

	constructor(options: UnwrittenOptions) {
		this.#options = options;
	}

	/** How long it has been so, in seconds; undefined: it can be written. */
	get seconds(): number | undefined {
		const { clock } = this.#options;
		return this.#spell === undefined ? undefined : Math.floor((clock.bootMs() - this.#spell.sinceMs) / 1000);
	}

	/** Takes an error if it is one of these. */
	take(error: unknown): boolean {
		if (!(error instanceof OctroiError) || error.code !== 'ledger_unwritable') return false;
		const { clock, log } = this.#options;
		const nowMs = clock.bootMs();
		this.#spell ??= { sinceMs: nowMs, countBefore: this.count, toldMs: Number.NEGATIVE_INFINITY };
		this.count += 1;
		if (nowMs - this.#spell.toldMs >= REPEAT_MS) {
			this.#spell.toldMs = nowMs;
			log.error(
				{ error, seconds: this.seconds },
				'nothing can be reported to the carrier: the ledger cannot be written',
			);
		}
		return true;
	}

	/** To be called every second or so: ends the spell when the event can be stored. */
	tick(): void {
		const { note, log } = this.#options;
		if (this.#spell === undefined) return;
		const over = { seconds: this.seconds ?? 0, failures: this.count - this.#spell.countBefore };
		try {
			note({ what: 'unwritable', ...over });
		} catch (error) {
			if (this.take(error)) return;
			throw error;
		}
		this.#spell = undefined;
		log.info(over, 'the ledger can be written again; reporting goes on');
	}
}
