export type ConnectionLimits<Connection> = {
	readonly perHolderMax: number;
	readonly totalMax: number;
	/** Whether one is being answered: it is cut last. */
	readonly isBusy: (connection: Connection) => boolean;
};

/** `cut`: what has to make room. */
export type Admitted<Connection> = { readonly isAdmitted: boolean; readonly cut?: Connection };

/**
 * Who has which connections open. A holder has so many and no more; when all are used, somebody who comes takes the place of whoever has the most,
 * so that a newcomer's first one is always admitted. Counts by who it is: a device with a hundred addresses is one.
 */
export class ConnectionTable<Connection> {
	readonly #limits: ConnectionLimits<Connection>;
	/** Each holder's, oldest first. */
	readonly #open = new Map<string, Set<Connection>>();
	#total = 0;

	constructor(limits: ConnectionLimits<Connection>) {
		this.#limits = limits;
	}

	/** Each that is admitted must be given back, also one that was cut. */
	add(holder: string, connection: Connection): Admitted<Connection> {
		const own = this.#open.get(holder) ?? new Set();
		if (own.size >= this.#limits.perHolderMax) return { isAdmitted: false };
		const cut = this.#total >= this.#limits.totalMax ? this.#leastMissed() : undefined;
		own.add(connection);
		this.#open.set(holder, own);
		this.#total += 1;
		return cut === undefined ? { isAdmitted: true } : { isAdmitted: true, cut };
	}

	/** May be called twice. */
	remove(holder: string, connection: Connection): void {
		const own = this.#open.get(holder);
		if (!own?.delete(connection)) return;
		this.#total -= 1;
		if (own.size === 0) this.#open.delete(holder);
	}

	/** Holders that are remembered. */
	get size(): number {
		return this.#open.size;
	}

	get total(): number {
		return this.#total;
	}

	/** Of the holder that has most (the one that came first, of several) the oldest that waits for nothing of ours. */
	#leastMissed(): Connection | undefined {
		let most = 0;
		let found: Connection | undefined;
		for (const own of this.#open.values()) {
			if (own.size <= most) continue;
			const idle = [...own].find((connection) => !this.#limits.isBusy(connection));
			if (idle === undefined) continue;
			most = own.size;
			found = idle;
		}
		if (found !== undefined) return found;
		const [first] = this.#open.values();
		return first && [...first][0];
	}
}
