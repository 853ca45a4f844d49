import type { SessionUse } from './settle-plan.ts';

/**
 * Says which bytes of a session were tethered, while what it used is written down part by part. Own bytes come first. Of one
 * settle nobody knows in which order they passed; every byte gets exactly one class, and the sums are right.
 */
export class ClassSplit {
	readonly #own: Map<number, number>;

	constructor(sessions: readonly SessionUse[]) {
		this.#own = new Map(sessions.map(({ session, byte, tethered }) => [session, byte - tethered]));
	}

	/** How many of the next so many bytes of a session are tethered. */
	take(session: number, bytes: number): number {
		const left = this.#own.get(session) ?? bytes;
		const own = Math.min(left, bytes);
		this.#own.set(session, left - own);
		return bytes - own;
	}
}
