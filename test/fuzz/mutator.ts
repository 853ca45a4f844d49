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
	readonly #bytesMax: number;

	constructor(
		random: SeededRandom,
		{ words, bytesMax }: { words: readonly (string | Uint8Array)[]; bytesMax: number },
	) {
		this.#random = random;
		this.#words = words.map((word) => (typeof word === 'string' ? Buffer.from(word) : word));
		this.#bytesMax = bytesMax;
	}

	/** A changed copy; `other` gives pieces. Never longer than the target's bound. */
	mutate(input: Uint8Array, other: Uint8Array): Buffer {
		let bytes: Buffer = Buffer.from(input);
		for (let changes = this.#random.between(1, CHANGES_MAX); changes > 0; changes--) bytes = this.#change(bytes, other);
		return bytes.length > this.#bytesMax ? bytes.subarray(0, this.#bytesMax) : bytes;
	}

	#change(bytes: Buffer, other: Uint8Array): Buffer {
		const random = this.#random;
		const at = random.between(0, Math.max(0, bytes.length - 1));
		const kind = random.between(0, 9);
		if (bytes.length === 0 || kind === 0) return insert(bytes, at, this.#piece(other));
		switch (kind) {
			case 1:
				bytes[at] = (bytes[at] as number) ^ (1 << random.between(0, 7));
				return bytes;
			case 2:
				bytes[at] = random.pick(ODD_BYTES);
				return bytes;
			case 3:
				bytes[at] = random.between(0, 255);
				return bytes;
			case 4:
				// A length that reaches just to the end, or one further or less.
				bytes[at] = (bytes.length - at + random.between(-2, 2)) & 0xff;
				return bytes;
			case 5:
				return bytes.subarray(0, at);
			case 6: {
				const end = Math.min(bytes.length, at + random.between(1, INSERTED_MAX));
				return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
			}
			case 7: {
				const end = Math.min(bytes.length, at + random.between(1, INSERTED_MAX));
				return insert(bytes, at, bytes.subarray(at, end));
			}
			case 8:
				return Buffer.concat([bytes.subarray(0, at), other.subarray(random.between(0, other.length))]);
			default:
				return overwrite(bytes, at, this.#piece(other));
		}
	}

	#piece(other: Uint8Array): Uint8Array {
		const random = this.#random;
		if (this.#words.length > 0 && random.chance(0.6)) return random.pick(this.#words);
		const begin = random.between(0, other.length);
		return other.subarray(begin, begin + random.between(0, INSERTED_MAX));
	}
}

function insert(bytes: Buffer, at: number, piece: Uint8Array): Buffer {
	return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

function overwrite(bytes: Buffer, at: number, piece: Uint8Array): Buffer {
	bytes.set(piece.subarray(0, bytes.length - at), at);
	return bytes;
}
