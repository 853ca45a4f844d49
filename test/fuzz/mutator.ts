import type { SeededRandom } from '../fakes/seeded-random.ts';

/** Values at which lengths, signs and tables end. */
const ODD_BYTES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 31, 32, 34, 39, 63, 64, 92, 127, 128, 192, 254, 255];
/** Changes of one input: most bugs need one or two at once. */
const CHANGES_MAX = 6;
const INSERTED_MAX = 16;

/** Changes bytes as a stranger would: bits, odd values, lengths that are nearly right, pieces twice, cut, or of another input. */
export class Mutator {
	readonly #random: SeededRandom;
	readonly #words: readonly Uint8Array[];
	/** Changed in its place: a copy for each change took longer than most parsers. */
	readonly #bytes: Buffer;
	#length = 0;

	constructor(
		random: SeededRandom,
		{ words, bytesMax }: { words: readonly (string | Uint8Array)[]; bytesMax: number },
	) {
		this.#random = random;
		this.#words = words.map((word) => (typeof word === 'string' ? Buffer.from(word) : word));
		this.#bytes = Buffer.alloc(bytesMax);
	}

	/** A changed copy; `other` gives pieces. Never longer than the target's bound: what does not fit falls off the end. */
	mutate(input: Uint8Array, other: Uint8Array): Buffer {
		this.#length = 0;
		this.#put(0, input);
		for (let changes = this.#random.between(1, CHANGES_MAX); changes > 0; changes--) this.#change(other);
		return Buffer.from(this.#bytes.subarray(0, this.#length));
	}

	#change(other: Uint8Array): void {
		const random = this.#random;
		const bytes = this.#bytes;
		const at = random.between(0, Math.max(0, this.#length - 1));
		const kind = random.between(0, 9);
		if (this.#length === 0 || kind === 0) {
			this.#insert(at, this.#piece(other));
			return;
		}
		switch (kind) {
			case 1:
				bytes[at] = (bytes[at] as number) ^ (1 << random.between(0, 7));
				break;
			case 2:
				bytes[at] = random.pick(ODD_BYTES);
				break;
			case 3:
				bytes[at] = random.between(0, 255);
				break;
			case 4:
				// A length that reaches just to the end, or one further or less.
				bytes[at] = (this.#length - at + random.between(-2, 2)) & 0xff;
				break;
			case 5:
				this.#length = at;
				break;
			case 6: {
				const end = Math.min(this.#length, at + random.between(1, INSERTED_MAX));
				bytes.copyWithin(at, end, this.#length);
				this.#length -= end - at;
				break;
			}
			case 7:
				// The same piece twice: what follows its beginning moves by its length.
				this.#open(at, Math.min(this.#length - at, random.between(1, INSERTED_MAX)));
				break;
			case 8:
				this.#length = at;
				this.#put(at, other.subarray(random.between(0, other.length)));
				break;
			default:
				this.#overwrite(at, this.#piece(other));
		}
	}

	#piece(other: Uint8Array): Uint8Array {
		const random = this.#random;
		if (this.#words.length > 0 && random.chance(0.6)) return random.pick(this.#words);
		const begin = random.between(0, other.length);
		return other.subarray(begin, begin + random.between(0, INSERTED_MAX));
	}

	#insert(at: number, piece: Uint8Array): void {
		this.#open(at, piece.length);
		this.#overwrite(at, piece);
	}

	/** Moves what begins at `at` by so many bytes. */
	#open(at: number, count: number): void {
		const most = this.#bytes.length;
		if (at + count < most) this.#bytes.copyWithin(at + count, at, Math.min(this.#length, most - count));
		this.#length = Math.min(most, this.#length + count);
	}

	/** No further than the end. */
	#overwrite(at: number, piece: Uint8Array): void {
		const left = this.#length - at;
		this.#bytes.set(piece.length > left ? piece.subarray(0, left) : piece, at);
	}

	/** And what follows is no more. */
	#put(at: number, bytes: Uint8Array): void {
		this.#length = Math.min(this.#bytes.length, at + bytes.length);
		this.#overwrite(at, bytes);
	}
}
