/** What one access point may have waiting, in messages of one kind, and in bytes. */
export type WaitingLimits = {
	/** Batches: the window of an access point is 8, and each may be sent again while we cannot commit. */
	readonly usageMax: number;
	/** Events, states and replies. An event is only a copy of one in a batch. */
	readonly othersMax: number;
	readonly bytesMax: number;
};

export type FairQueueOptions = {
	/** Of one access point. */
	readonly own: WaitingLimits;
	/** Of all together. Beyond them whoever has most waiting loses its newest message. */
	readonly messagesMax: number;
	readonly bytesMax: number;
	/** What an access point may spend in one of its turns. */
	readonly turnCost: number;
};

export type Waiting<Item> = {
	readonly ap: string;
	readonly item: Item;
	/** What it takes to commit it: 1 for a record. */
	readonly cost: number;
	readonly bytes: number;
	readonly isUsage: boolean;
};

type Line<Item> = { readonly ap: string; waiting: Waiting<Item>[]; bytes: number; usage: number; credit: number };

/**
 * Messages that wait for a transaction: a line for each access point, served in turns by deficit round robin (Shreedhar and Varghese, 1995),
 * so that what one of them sends delays no other by more than one of its turns. It is bounded for each access point, and for all by taking
 * from the longest line.
 */
export class FairQueue<Item> {
	readonly #options: FairQueueOptions;
	readonly #lines = new Map<string, Line<Item>>();
	/** Access points with something waiting, in the order of their turns. */
	#turns: Line<Item>[] = [];
	#length = 0;
	#bytes = 0;

	constructor(options: FairQueueOptions) {
		this.#options = options;
	}

	get length(): number {
		return this.#length;
	}

	/** Whether an access point has room left for a message, for who wants to know before it is parsed. */
	hasRoom(ap: string, { bytes, isUsage }: { bytes: number; isUsage: boolean }): boolean {
		const line = this.#lines.get(ap);
		if (line === undefined) return true;
		const { usageMax, othersMax, bytesMax } = this.#options.own;
		const isFull = isUsage ? line.usage >= usageMax : line.waiting.length - line.usage >= othersMax;
		return !isFull && line.bytes + bytes <= bytesMax;
	}

	/** Puts a message at the end of its access point's line. Answers those that had to go: this one, or others of whoever has most waiting. */
	push(one: Waiting<Item>): readonly Waiting<Item>[] {
		if (!this.hasRoom(one.ap, one)) return [one];
		const line = this.#lineOf(one.ap);
		line.waiting.push(one);
		this.#count(line, one, 1);
		const gone: Waiting<Item>[] = [];
		while (this.#length > this.#options.messagesMax || this.#bytes > this.#options.bytesMax) gone.push(this.#drop());
		return gone;
	}

	/**
	 * The next messages: of each access point what it may spend in one turn, until the costs or the count are reached. One that alone costs more
	 * than a turn or a round may waits until its access point has saved for it, and is not held back for ever.
	 */
	next(round: { costMax: number; countMax: number }): Waiting<Item>[] {
		const taken: Waiting<Item>[] = [];
		while (taken.length === 0 && this.#turns.length > 0) {
			for (let visits = this.#turns.length; visits > 0; visits--) {
				if (this.#turn(this.#turns[0] as Line<Item>, taken, round) === 'full') return taken;
			}
		}
		return taken;
	}

	/** One turn of one access point. `full`: the round is, and the access point goes on in the next one with what it may still spend. */
	#turn(
		line: Line<Item>,
		taken: Waiting<Item>[],
		{ costMax, countMax }: { costMax: number; countMax: number },
	): 'full' | undefined {
		let cost = taken.reduce((sum, one) => sum + one.cost, 0);
		line.credit += this.#options.turnCost;
		for (let head = line.waiting[0]; head !== undefined && head.cost <= line.credit; head = line.waiting[0]) {
			if (taken.length > 0 && (cost + head.cost > costMax || taken.length >= countMax)) {
				line.credit -= this.#options.turnCost;
				return 'full';
			}
			line.waiting.shift();
			line.credit -= head.cost;
			this.#count(line, head, -1);
			taken.push(head);
			cost += head.cost;
		}
		this.#turns.shift();
		if (line.waiting.length > 0) this.#turns.push(line);
		else this.#lines.delete(line.ap);
		return undefined;
	}

	/** Puts messages that were taken back where they came from: the store was away. Nothing is dropped for them. */
	putBack(messages: readonly Waiting<Item>[]): void {
		for (const one of messages.toReversed()) {
			const line = this.#lineOf(one.ap);
			line.waiting.unshift(one);
			this.#count(line, one, 1);
		}
	}

	#lineOf(ap: string): Line<Item> {
		const found = this.#lines.get(ap);
		if (found !== undefined) return found;
		const line = { ap, waiting: [], bytes: 0, usage: 0, credit: 0 };
		this.#lines.set(ap, line);
		this.#turns.push(line);
		return line;
	}

	/** The newest of the longest line, which its access point sends again. */
	#drop(): Waiting<Item> {
		const isByBytes = this.#bytes > this.#options.bytesMax;
		const lengthOf = (line: Line<Item>) => (isByBytes ? line.bytes : line.waiting.length);
		const longest = this.#turns.reduce((one, other) => (lengthOf(other) > lengthOf(one) ? other : one));
		const dropped = longest.waiting.pop() as Waiting<Item>;
		this.#count(longest, dropped, -1);
		if (longest.waiting.length > 0) return dropped;
		this.#turns = this.#turns.filter((line) => line !== longest);
		this.#lines.delete(longest.ap);
		return dropped;
	}

	#count(line: Line<Item>, { bytes, isUsage }: Waiting<Item>, sign: 1 | -1): void {
		line.bytes += sign * bytes;
		if (isUsage) line.usage += sign;
		this.#bytes += sign * bytes;
		this.#length += sign;
	}
}
