import type { MeterId } from '../core/units.ts';

/**
 * Where meters live in the conntrack mark: other users of the mark keep the other bits.
 *
 * Each meter is a word of as many ones as zeros, so no meter's bits are a part of another's. The rules set the mark bit by bit,
 * and a packet may look at some of these bits before a change of its station and at the others after it: what it then gets is
 * no meter at all, and the packet is dropped. With plain numbers it was often another meter, to which the flow was charged.
 */
export type MarkField = {
	/** Unsigned 32 bits, contiguous. */
	readonly mask: number;
	/** Its single bits, lowest first. */
	readonly bits: readonly number[];
	/** How many meters there are: 12,870 for 16 bits or more, 70 for 8. */
	readonly meterMax: number;
	/** The mark of a meter. */
	markOf(meter: MeterId): number;
	/** The meter of a mark; 0 if our bits are those of none. */
	meterOf(mark: number): MeterId;
	/** A mark as the key of a set: 4 bytes of host order, as `ct mark` loads it into a register. */
	key(meter: MeterId): Buffer;
	/** The meter of such a key; 0 if it is that of none. */
	meterOfKey(key: Buffer): MeterId;
};

/** More would be meters that no table has room for, and words that take longer to find. */
const WORD_BITS_MAX = 16;

/** @param mask the bits that are ours; validated by the configuration */
export function markField(mask: number): MarkField {
	const bits = bitsOf(mask);
	const marks = balancedWords(Math.min(bits.length, WORD_BITS_MAX)).map((word) => (word * (bits[0] ?? 0)) >>> 0);
	const meters = new Map(marks.map((mark, index) => [mark, (index + 1) as MeterId]));
	const markOf = (meter: MeterId) => marks[meter - 1] ?? 0;
	const meterOf = (mark: number) => meters.get((mark & mask) >>> 0) ?? (0 as MeterId);
	return {
		mask,
		bits,
		meterMax: marks.length,
		markOf,
		meterOf,
		key(meter) {
			const bytes = Buffer.alloc(4);
			if (littleEndian) bytes.writeUInt32LE(markOf(meter));
			else bytes.writeUInt32BE(markOf(meter));
			return bytes;
		},
		meterOfKey(key) {
			if (key.length !== 4) return 0 as MeterId;
			return meterOf(littleEndian ? key.readUInt32LE() : key.readUInt32BE());
		},
	};
}

/** All words of so many bits of which half (rounded down, but one at least) are ones, smallest first. */
function balancedWords(bits: number): number[] {
	const ones = Math.max(1, bits >>> 1);
	const words: number[] = [];
	for (let word = 1; word < 2 ** bits; word++) if (onesOf(word) === ones) words.push(word);
	return words;
}

function onesOf(word: number): number {
	let ones = 0;
	for (let rest = word; rest !== 0; rest &= rest - 1) ones++;
	return ones;
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The single bits of a mask, lowest first. */
export function bitsOf(mask: number): number[] {
	return Array.from({ length: 32 }, (_, bit) => (1 << bit) >>> 0).filter((bit) => (mask & bit) !== 0);
}
