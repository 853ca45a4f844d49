import { check } from '../../protocol/shape.ts';
import { uplink as uplinkShape } from '../../protocol/values.ts';

export type UplinkWatchOptions = {
	/** The device of the way out now; undefined: there is none. */
	readonly read: () => string | undefined;
	/** Whether there is use that is in no batch. */
	readonly isGathered: () => boolean;
	/** Puts everything that is gathered into batches. Answers whether nothing is left. */
	readonly split: () => boolean;
};

/**
 * Over which uplink passed what is being gathered. At a change what was used so far is put into batches of its own; where that
 * cannot be done, what is gathered is of more than one uplink, and its records name none.
 */
export class UplinkWatch {
	readonly #options: UplinkWatchOptions;
	#current: string | undefined;
	#gathered: string | undefined;

	constructor(options: UplinkWatchOptions) {
		this.#options = options;
	}

	/** Of everything that is gathered; undefined: not known, or not one. */
	get gathered(): string | undefined {
		return this.#gathered;
	}

	/** To be called every second or so. */
	look(): void {
		const { read, isGathered, split } = this.#options;
		const now = read();
		// Without a way out nothing is used that a rate could ask about.
		if (now === undefined || now === this.#current || !check(uplinkShape, now).ok) return;
		const isFirst = this.#current === undefined;
		this.#current = now;
		// What waited before the start may have passed elsewhere.
		const isClear = isFirst ? !isGathered() : split();
		this.#gathered = isClear ? now : undefined;
	}

	/** Everything that was gathered is in batches. */
	emptied(): void {
		this.#gathered = this.#current;
	}
}
