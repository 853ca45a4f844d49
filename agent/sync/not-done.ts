import type { Log } from '../core/log.ts';
import type { Outcome } from './replies.ts';
import { Tally } from './tally.ts';

/** Why a good message of the carrier was not done: codes of errors that have one here, `other` for the rest. */
export const NOT_DONE = [
	'not_found',
	'not_allowed',
	'invalid_value',
	'exists_with_different_values',
	'ledger_unwritable',
	'internal',
	'other',
] as const;

export type NotDone = (typeof NOT_DONE)[number];

/** What was asked for: the kind of the message, its id, and what its reply says. */
type Asked = { readonly kind: string; readonly id: string; readonly reason: string };

/** Counts the orders of the carrier that were refused or failed, and says so in the log: the carrier has the reply. */
export class NotDoneOrders {
	readonly #tally: Tally<NotDone, Asked>;

	constructor({ log, nowMs }: { readonly log: Log; readonly nowMs: () => number }) {
		this.#tally = new Tally({
			kinds: NOT_DONE,
			nowMs,
			say: (code, count, asked) => log.warn({ ...asked, code, count }, 'what the carrier asked for was not done'),
		});
	}

	get counts(): Readonly<Record<NotDone, number>> {
		return this.#tally.counts;
	}

	/** Looks at what became of an order. */
	look({ kind, id }: { kind: string; id: string }, { outcome, code, message = '' }: Outcome): void {
		if (outcome !== 'refused' && outcome !== 'failed') return;
		const known = NOT_DONE.find((one) => one === code) ?? 'other';
		this.#tally.note(known, { kind, id, reason: message });
	}
}
