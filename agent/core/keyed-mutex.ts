/** One piece of work at a time for each name; different names do not wait for each other. */
export class KeyedMutex {
	readonly #last = new Map<string, Promise<void>>();

	/** Runs `work` when all earlier work of that name is done. */
	async take<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
		const before = this.#last.get(name) ?? Promise.resolve();
		const done = before.then(work);
		const settled = done.then(
			() => undefined,
			() => undefined,
		);
		this.#last.set(name, settled);
		try {
			return await done;
		} finally {
			if (this.#last.get(name) === settled) this.#last.delete(name);
		}
	}

	/** Waits for what is under way now. */
	async idle(): Promise<void> {
		await Promise.all(this.#last.values());
	}
}
