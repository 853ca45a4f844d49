/** Whoever floods us, or a fault that stays, gets one line in the log, and one event, an hour for each kind. */
export const SAY_EVERY_MS = 3_600_000;

export type TallyOptions<Kind extends string, About> = {
	/** All that there are: a label of a metric grows with nothing that others send. */
	readonly kinds: readonly Kind[];
	readonly nowMs: () => number;
	/** Tells people of it. */
	readonly say: (kind: Kind, count: number, about: About) => void;
};

/** Counts what goes wrong by its kind, and says so without being flooded. */
export class Tally<Kind extends string, About> {
	readonly counts: Record<Kind, number>;
	readonly #options: TallyOptions<Kind, About>;
	readonly #saidAtMs = new Map<Kind, number>();

	constructor(options: TallyOptions<Kind, About>) {
		this.#options = options;
		this.counts = Object.fromEntries(options.kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
	}

	note(kind: Kind, about: About): void {
		this.counts[kind] += 1;
		const nowMs = this.#options.nowMs();
		if (nowMs - (this.#saidAtMs.get(kind) ?? Number.NEGATIVE_INFINITY) < SAY_EVERY_MS) return;
		this.#saidAtMs.set(kind, nowMs);
		this.#options.say(kind, this.counts[kind], about);
	}
}
