import type { Usage } from '../../protocol/usage.ts';

/** A batch that passed every check at the door. */
export type ReceivedBatch = {
	readonly usage: Usage;
	/** Of the message's bytes, as the access point computes it too. */
	readonly digest: string;
};

/** What becomes of a batch. `new`: it counts. `repeated`: we have it. `conflict`: we have another one under its number. */
export type BatchFate = 'new' | 'repeated' | 'conflict';
