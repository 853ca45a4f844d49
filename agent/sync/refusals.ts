import type { Log } from '../core/log.ts';

/** Why a message from the broker was refused: few words, for metrics. */
export const REFUSALS = {
	topic: 'it is not for this access point, or not of its topic',
	size: 'it is too large',
	form: 'it is not a signed message',
	key: 'it is signed with a key that is not known here',
	signature: 'its signature is wrong',
	schema: 'it does not say what it must',
	audience: 'it is for somebody else',
	expired: 'it is too old',
	replayed: 'it, or a later one, was there before',
	outdated: 'a newer policy is in force',
	policy: 'the policy has faults',
} as const;

export type Refusal = keyof typeof REFUSALS;

/** Whoever floods us with refused messages gets one line in the log, and one event, an hour for each reason. */
const REPORT_EVERY_MS = 3_600_000;

/** Counts what was refused, and says so without being flooded. */
export class Refusals {
	readonly counts: Record<Refusal, number> = Object.fromEntries(
		Object.keys(REFUSALS).map((reason) => [reason, 0]),
	) as Record<Refusal, number>;
	readonly #reported = new Map<Refusal, number>();
	readonly #log: Log;
	readonly #nowMs: () => number;
	readonly #report: (details: { refused: Refusal; count: number; topic: string }) => void;

	constructor(options: {
		log: Log;
		nowMs: () => number;
		report: (details: { refused: Refusal; count: number; topic: string }) => void;
	}) {
		this.#log = options.log;
		this.#nowMs = options.nowMs;
		this.#report = options.report;
	}

	note(refused: Refusal, topic: string): void {
		this.counts[refused] += 1;
		const last = this.#reported.get(refused);
		const now = this.#nowMs();
		if (last !== undefined && now - last < REPORT_EVERY_MS) return;
		this.#reported.set(refused, now);
		const details = { refused, count: this.counts[refused], topic: topic.slice(0, 128) };
		this.#log.warn(details, `a message of the broker was refused: ${REFUSALS[refused]}`);
		this.#report(details);
	}
}
