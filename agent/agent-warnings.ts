/** What the operator should know now: one sentence for each thing that is wrong, until it is right again. */
export class AgentWarnings {
	readonly #sentences = new Map<string, string>();

	/** @param sentence undefined: it is right again */
	set(what: string, sentence: string | undefined): void {
		if (sentence === undefined) this.#sentences.delete(what);
		else this.#sentences.set(what, sentence);
	}

	list(): string[] {
		return [...this.#sentences.values()];
	}
}
