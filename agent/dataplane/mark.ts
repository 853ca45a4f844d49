import { freeMeterOf, isFreeMeter, ownMeterOf } from '../core/free-meter.ts';
import { isTetheredMeter, tetheredMeterOf } from '../core/tethered-meter.ts';
import type { MeterId } from '../core/units.ts';

/**
 * Where meters live in the conntrack mark: other users of the mark keep the other bits. Our highest bit and our lowest one are
 * the class of the flow (zero-rated, tethered), the others are the station's own meter. Flows that no meter counts have marks
 * too, of other kinds: {@link markKinds}.
 *
 * Each meter is a word of as many ones as zeros, so no meter's bits are a part of another's. The rules set the mark bit by bit,
 * and a packet may look at some of these bits before a change of its station and at the others after it: what it then gets is
 * no meter at all, and the packet is dropped. With plain numbers it was often another meter, to which the flow was charged.
 */
export type MarkField = {
	/** Unsigned 32 bits, contiguous. */
	readonly mask: number;
	/** The single bits of a meter's number, lowest first. */
	readonly bits: readonly number[];
	/** The bit of zero-rated flows. */
	readonly freeBit: number;
	/** The bit of tethered flows. */
	readonly tetheredBit: number;
	/** How many meters there are: 6,435 for 17 bits or more, 3,432 for 16, 20 for 8. */
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
const WORD_BITS_MAX = 15;

/** By so many bits of a mark the stations are told apart whose flows no meter counts: that is a set of 16,384 budgets at most. */
export const STATION_BITS_MAX = 14;

/** What a mark says of its flow. `question`: to the router's resolver, before login. `garden`: to the walled garden. */
export type FlowKind = 'own' | 'tethered' | 'zeroRated' | 'question' | 'garden';

/** The marks of one kind are those with `value` under `mask`; of two kinds, no mark is both. */
export type MarkKind = { readonly mask: number; readonly value: number };

export type MarkKinds = {
	readonly kinds: Readonly<Record<FlowKind, MarkKind>>;
	/** In a question's mark and a garden flow's: the last bits of the station's hardware address, lowest first. */
	readonly stationBits: readonly number[];
	/** The kind of a mark, or nothing if none of our bits is set. Whether there is such a meter is {@link MarkField.meterOf}. */
	kindOf(mark: number): FlowKind | undefined;
	/** The mark that the rules give a flow of this kind, of the station with this hardware address, bit by bit. */
	stationMark(kind: 'question' | 'garden', mac: string): number;
};

/**
 * The kinds of marks, from which the rules and the meter both take theirs. A meter has one of the two class bits or none; no
 * meter has both, because what is zero-rated is not tethered too. So both together are what no meter counts, and the lowest bit of the
 * numbers tells its two kinds apart.
 *
 * @param mask the bits that are ours; at least four
 */
export function markKinds(mask: number): MarkKinds {
	const free = freeBitOf(mask);
	const tethered = tetheredBitOf(mask);
	const classes = (free | tethered) >>> 0;
	const [lowest = 0, ...rest] = numberBitsOf(mask);
	const unmetered = (classes | lowest) >>> 0;
	const kinds = {
		own: { mask: classes, value: 0 },
		tethered: { mask: classes, value: tethered },
		zeroRated: { mask: classes, value: free },
		question: { mask: unmetered, value: classes },
		garden: { mask: unmetered, value: unmetered },
	};
	const stationBits = rest.slice(0, STATION_BITS_MAX);
	return {
		kinds,
		stationBits,
		kindOf(mark) {
			if ((mark & mask) === 0) return undefined;
			const found = Object.entries(kinds).find(([, kind]) => (mark & kind.mask) >>> 0 === kind.value);
			return found?.[0] as FlowKind;
		},
		stationMark(kind, mac) {
			const last = Number.parseInt(mac.replaceAll(':', '').slice(-8), 16);
			return stationBits.reduce(
				(mark, bit, index) => (mark | ((last >>> index) & 1 ? bit : 0)) >>> 0,
				kinds[kind].value,
			);
		},
	};
}

/** @param mask the bits that are ours; validated by the configuration */
export function markField(mask: number): MarkField {
	const bits = numberBitsOf(mask);
	const freeBit = freeBitOf(mask);
	const tetheredBit = tetheredBitOf(mask);
	const classBits = (freeBit | tetheredBit) >>> 0;
	const marks = balancedWords(Math.min(bits.length, WORD_BITS_MAX)).map((word) => (word * (bits[0] ?? 0)) >>> 0);
	const meters = new Map(marks.map((mark, index) => [mark, (index + 1) as MeterId]));
	const markOf = (meter: MeterId) => {
		const own = marks[ownMeterOf(meter) - 1] ?? 0;
		if (own === 0) return 0;
		if (isFreeMeter(meter)) return (own | freeBit) >>> 0;
		return isTetheredMeter(meter) ? (own | tetheredBit) >>> 0 : own;
	};
	const meterOf = (mark: number) => {
		// Both bits are no class: that is no meter's flow.
		if ((mark & classBits) >>> 0 === classBits) return 0 as MeterId;
		const own = meters.get((mark & mask & ~classBits) >>> 0) ?? (0 as MeterId);
		if (own === 0 || (mark & classBits) === 0) return own;
		return (mark & freeBit) === 0 ? tetheredMeterOf(own) : freeMeterOf(own);
	};
	return {
		mask,
		bits,
		freeBit,
		tetheredBit,
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

/** The highest bit of a mask: the class of the flow. */
export function freeBitOf(mask: number): number {
	return (1 << (31 - Math.clz32(mask))) >>> 0;
}

/** The lowest bit of a mask: whether the flow is of a device behind the station. */
export function tetheredBitOf(mask: number): number {
	return (mask & -mask) >>> 0;
}

/** The single bits of the meter's number in a mask, lowest first. */
export function numberBitsOf(mask: number): number[] {
	const numbers = (mask & ~freeBitOf(mask) & ~tetheredBitOf(mask)) >>> 0;
	return Array.from({ length: 32 }, (_, bit) => (1 << bit) >>> 0).filter((bit) => (numbers & bit) !== 0);
}
