/** What the operator should know now: one sentence for each thing that is wrong, until it is right again. */
export class Warnings {
	readonly #sentences = new Map<string, string>();
	/** Called when something that was right is wrong now. */
	onNew: (what: string, sentence: string) => void = () => undefined;

	/** @param sentence undefined: it is right again */
	set(what: string, sentence: string | undefined): void {
		if (sentence === undefined) this.#sentences.delete(what);
		else {
			const isNew = !this.#sentences.has(what);
			this.#sentences.set(what, sentence);
			if (isNew) this.onNew(what, sentence);
		}
	}

	list(): string[] {
		return [...this.#sentences.values()];
	}
}
