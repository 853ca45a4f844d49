import type { Log } from '../core/log.ts';
import { Tally } from './tally.ts';

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

/** Of what was refused: its topic, or its size where it was not read so far. */
export type RefusedMessage = { readonly topic: string } | { readonly bytes: number };

const TOPIC_CHARACTERS_MAX = 128;

export type Refusals = Tally<Refusal, RefusedMessage>;

/** Counts what was refused, and says so. */
export function refusalTally(options: {
	readonly log: Log;
	readonly nowMs: () => number;
	readonly report: (details: Readonly<Record<string, string | number>>) => void;
}): Refusals {
	const { log, nowMs, report } = options;
	return new Tally({
		kinds: Object.keys(REFUSALS) as Refusal[],
		nowMs,
		say: (refused, count, about) => {
			const details = {
				refused,
				count,
				...('topic' in about ? { topic: about.topic.slice(0, TOPIC_CHARACTERS_MAX) } : about),
			};
			log.warn(details, `a message of the broker was refused: ${REFUSALS[refused]}`);
			report(details);
		},
	});
}
