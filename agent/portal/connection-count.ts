/** How many connections each address has open. */
export class ConnectionCount {
	readonly #perAddressMax: number;
	readonly #open = new Map<string, number>();

	constructor(perAddressMax: number) {
		this.#perAddressMax = perAddressMax;
	}

	/** False: it has enough of them. Each that is taken must be given back. */
	take(address: string): boolean {
		const count = this.#open.get(address) ?? 0;
		if (count >= this.#perAddressMax) return false;
		this.#open.set(address, count + 1);
		return true;
	}

	release(address: string): void {
		const count = (this.#open.get(address) ?? 1) - 1;
		if (count > 0) this.#open.set(address, count);
		else this.#open.delete(address);
	}

	/** Addresses that are remembered. */
	get size(): number {
		return this.#open.size;
	}
}
