import type { Envelope } from '../../protocol/envelope.ts';
import type { Reply } from '../../protocol/reply.ts';
import { type Opened, open } from '../../protocol/signature.ts';
import { ALL, parseTopic, upTopic } from '../../protocol/topics.ts';
import type { Log } from '../core/log.ts';
import type { WallMs } from '../core/units.ts';
import type { Commands } from './commands.ts';
import type { KeyRing } from './key-ring.ts';
import type { NotDoneOrders } from './not-done.ts';
import type { Policies } from './policies.ts';
import type { Refusal, Refusals } from './refusals.ts';
import { type Outcome, refused } from './replies.ts';
import type { Reporter } from './reporter.ts';
import type { Slices } from './slices.ts';

/** Clocks that are this far apart are both right: what has just expired may be taken. */
export const CLOCK_SKEW_MS = 300_000;

export type InboxOptions = {
	readonly accessPoint: string;
	readonly keys: KeyRing;
	readonly policies: Policies;
	readonly commands: Commands;
	readonly slices: Slices;
	readonly reporter: Reporter;
	readonly refusals: Refusals;
	readonly notDone: NotDoneOrders;
	/** Null while the clock is not known to be set: then the sequence is the only guard. */
	readonly trustedWallMs: () => WallMs | null;
	readonly publish: (topic: string, payload: string) => void;
	/** The policy in force has changed. */
	readonly onPolicy: () => void;
	readonly log: Log;
};

/** Of a message that was refused: why, and what its sender is told. */
type Refused = { readonly refusal: Refusal; readonly outcome?: Outcome };

/**
 * Takes what the broker brings: checks who has signed it, for whom, how old it is and whether it was there before; does it, and
 * answers. When `take` resolves, what it does is on the disk, and the broker may forget the message.
 */
export class Inbox {
	readonly #options: InboxOptions;

	constructor(options: InboxOptions) {
		this.#options = options;
	}

	/** Rejects when it could not be done now: the message is to come again. */
	async take(topicText: string, payload: Uint8Array): Promise<void> {
		const { accessPoint, keys, refusals, notDone } = this.#options;
		const topic = parseTopic(topicText);
		if (topic?.direction !== 'down' || (topic.ap !== accessPoint && topic.ap !== ALL)) {
			return refusals.note('topic', { topic: topicText });
		}
		// A policy that was withdrawn by an empty retained message: the last good one holds.
		if (payload.length === 0) return;
		const opened = await open(payload, keys);
		if (!opened.ok) return this.#refuseForm(opened, topicText);
		const { message } = opened;
		const found = await this.#do(message, topic);
		if (found === undefined) return;
		if ('refusal' in found) refusals.note(found.refusal, { topic: topicText });
		else notDone.look(message, found.outcome);
		if (found.outcome) this.#reply(message.id, found.outcome);
	}

	async #do(
		message: Envelope,
		topic: { readonly ap: string; readonly kind: string },
	): Promise<Refused | { readonly outcome: Outcome } | undefined> {
		const { trustedWallMs, policies, commands, slices, reporter, onPolicy } = this.#options;
		if (message.audience !== topic.ap) return { refusal: 'audience' };
		if (message.kind !== topic.kind || (message.audience === ALL && message.kind !== 'policy'))
			return { refusal: 'topic' };
		// An acknowledgement names the digest of a batch: an old one does no harm, whatever the date.
		if (message.kind === 'ack') {
			reporter.acknowledged(message.body);
			return undefined;
		}
		const now = trustedWallMs();
		if (now !== null && message.expiresAt + CLOCK_SKEW_MS < now) {
			const text = `it expired ${Math.round((now - message.expiresAt) / 1000)} s ago by the clock of the access point`;
			return { refusal: 'expired', outcome: refused('expired', text) };
		}
		if (message.kind === 'policy') {
			const outcome = await policies.apply(message.audience === ALL ? 'all' : 'own', message.body);
			if (outcome.outcome === 'done') onPolicy();
			if (outcome.outcome !== 'refused') return { outcome };
			return { refusal: outcome.code === 'outdated' ? 'outdated' : 'policy', outcome };
		}
		const outcome =
			message.kind === 'command'
				? await commands.perform(message, message.body)
				: await slices.receive(message, message.body);
		if (outcome !== undefined) return { outcome };
		return { refusal: 'replayed', outcome: refused('replayed', 'it is older than all that is remembered here') };
	}

	#refuseForm(opened: Extract<Opened, { ok: false }>, topic: string): void {
		this.#options.refusals.note(opened.reason, { topic });
		// Only who has signed is answered.
		if (opened.id === undefined) return;
		this.#reply(opened.id, refused('invalid_value', 'the message is not of the form that it must have', opened.faults));
	}

	#reply(request: string, outcome: Outcome): void {
		const { accessPoint: ap, publish } = this.#options;
		const reply: Reply = { version: 1, ap, request, ...outcome };
		publish(upTopic(ap, 'reply'), JSON.stringify(reply));
	}
}
