import type { MeterId } from '../core/units.ts';
import { FREE_METER_OFFSET, isFreeMeter, METER_MAX } from './free-meter.ts';

/**
 * Where meter ids live in the conntrack mark: other users of the mark keep the other bits. Our highest bit is the class of
 * the flow (set: zero-rated); the others are the number of the station's own meter.
 */
export type MarkField = {
	/** Unsigned 32 bits, contiguous. */
	readonly mask: number;
	/** The single bits of a meter's number, lowest first. */
	readonly bits: readonly number[];
	/** The bit of zero-rated flows. */
	readonly freeBit: number;
	/** The largest meter id that fits. */
	readonly meterMax: number;
	/** The mark of a meter. */
	markOf(meter: MeterId): number;
	/** The meter of a mark; 0 if our bits are empty. */
	meterOf(mark: number): MeterId;
	/** A mark as the key of a set: 4 bytes of host order, as `ct mark` loads it into a register. */
	key(meter: MeterId): Buffer;
	/** The meter of such a key; 0 for bytes of another length. */
	meterOfKey(key: Buffer): MeterId;
};

/** @param mask the bits that are ours; validated by the configuration */
export function markField(mask: number): MarkField {
	const shift = 31 - Math.clz32(mask & -mask);
	const freeBit = freeBitOf(mask);
	const numberMask = (mask & ~freeBit) >>> 0;
	const meterOf = (mark: number) => {
		const number = (mark & numberMask) >>> shift;
		return ((mark & freeBit) === 0 || number === 0 ? number : number + FREE_METER_OFFSET) as MeterId;
	};
	const markOf = (meter: MeterId) =>
		isFreeMeter(meter) ? (((meter - FREE_METER_OFFSET) << shift) | freeBit) >>> 0 : (meter << shift) >>> 0;
	return {
		mask,
		bits: numberBitsOf(mask),
		freeBit,
		meterMax: Math.min(METER_MAX, numberMask >>> shift),
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

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The highest bit of a mask: the class of the flow. */
export function freeBitOf(mask: number): number {
	return (1 << (31 - Math.clz32(mask))) >>> 0;
}

/** The single bits of the meter's number in a mask, lowest first. */
export function numberBitsOf(mask: number): number[] {
	const numbers = (mask & ~freeBitOf(mask)) >>> 0;
	return Array.from({ length: 32 }, (_, bit) => (1 << bit) >>> 0).filter((bit) => (numbers & bit) !== 0);
}
