import { contradictsStack, type System } from './system.ts';
import { optionOrder } from './tcp-options.ts';

/** What the station's SYNs of one layout of options have had in common. */
export type Stack = {
	readonly layout: string;
	/** For people. */
	readonly label: string;
	readonly system: System | undefined;
	/** The window scale that it came with first, straight from the station if it ever did; −1: none. */
	scale: number;
	readonly firstMs: number;
	lastMs: number;
	/** How many came straight from the station, as far as hop limits tell. */
	near: number;
	/** Has nothing but the segment size: any system's, or a scanner's. */
	readonly isBare: boolean;
	/** A tool's own packets. */
	readonly isTool: boolean;
};

export type Sighting = Omit<Stack, 'firstMs' | 'lastMs' | 'near'> & { readonly isNear: boolean };

/** One household has three or four systems; more layouts than this are somebody playing. The longest unseen one goes. */
const STACKS_MAX = 6;
/** A stack that was not seen for so long is no longer what the station itself is. */
const FORGOTTEN_AFTER_MS = 3_600_000;

/** The TCP stacks behind one hardware address, and which of them is the station's own. */
export class StackHistory {
	readonly #stacks = new Map<string, Stack>();
	#last: Stack | undefined;

	/** @returns the stack, and whether the one before it was another */
	see(sighting: Sighting, nowMs: number): { stack: Stack; alternates: boolean } {
		const { isNear, ...traits } = sighting;
		let stack = this.#stacks.get(traits.layout);
		if (stack === undefined) {
			this.#makeRoom(nowMs);
			stack = { ...traits, firstMs: nowMs, lastMs: nowMs, near: 0 };
			this.#stacks.set(traits.layout, stack);
		}
		stack.lastMs = nowMs;
		if (isNear && stack.near === 0) stack.scale = traits.scale;
		if (isNear) stack.near++;
		const alternates = this.#last !== undefined && this.#last !== stack;
		this.#last = stack;
		return { stack, alternates };
	}

	/**
	 * The station's own stack: the one that agrees with its DHCP request, else the first that came straight from it. A phone
	 * has been online before somebody joins its hotspot. Undefined: none is known that could be its own.
	 */
	own(dhcp: System | undefined): Stack | undefined {
		let first: Stack | undefined;
		for (const stack of this.#stacks.values()) {
			if (stack.near === 0 || stack.isTool || contradictsStack(dhcp, stack.system)) continue;
			if (first === undefined || isRather(stack, first)) first = stack;
		}
		return first;
	}

	#makeRoom(nowMs: number): void {
		for (const [layout, { lastMs }] of this.#stacks) {
			if (nowMs - lastMs > FORGOTTEN_AFTER_MS) this.#stacks.delete(layout);
		}
		if (this.#stacks.size < STACKS_MAX) return;
		let oldest: Stack | undefined;
		for (const stack of this.#stacks.values()) if (oldest === undefined || stack.lastMs < oldest.lastMs) oldest = stack;
		if (oldest) this.#stacks.delete(oldest.layout);
	}
}

/** The first one, but not a bare one while there is another. */
function isRather(stack: Stack, than: Stack): boolean {
	return stack.isBare === than.isBare ? stack.firstMs < than.firstMs : than.isBare;
}

/**
 * Has one of two layouts some, and not all, of the options of the other, in the same order? A silent peer is asked again so, by the
 * same code, which writes its options one after the other: what is left of them cannot change places.
 */
export function isReduced(layout: string, other: string): boolean {
	const first = optionOrder(layout);
	const second = optionOrder(other);
	if (first.length === second.length) return false;
	return first.length < second.length ? isWithin(first, second) : isWithin(second, first);
}

/** Are these words all in the others, in this order? */
function isWithin(words: readonly string[], others: readonly string[]): boolean {
	let found = 0;
	for (const word of others) if (word === words[found]) found++;
	return found === words.length;
}
