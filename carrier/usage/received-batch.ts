import type { Usage } from '../../protocol/usage.ts';
import type { Suspect } from '../review/add-reviews.ts';

/** A batch that passed every check that needs no store. */
export type ReceivedBatch = {
	/** With the records and events that are what the protocol says. */
	readonly usage: Usage;
	/** Of the message's bytes, as the access point computes it too. */
	readonly digest: string;
	/** Records and events that are not: for a person. */
	readonly faulty: readonly Suspect[];
};

/**
 * What becomes of a batch. `new`: it counts. `repeated`: we have it. `conflict`: we have another one under its number. `deferred`: its access
 * point begins too many streams; it is not acknowledged, and counts when it comes again on another day.
 */
export type BatchFate = 'new' | 'repeated' | 'conflict' | 'deferred';
