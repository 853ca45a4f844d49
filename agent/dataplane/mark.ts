import type { MeterId } from '../core/units.ts';

/** Where meter ids live in the conntrack mark: other users of the mark keep the other bits. */
export type MarkField = {
	/** Unsigned 32 bits, contiguous. */
	readonly mask: number;
	/** Its single bits, lowest first. */
	readonly bits: readonly number[];
	/** The largest meter id that fits, at most {@link METER_MAX}. */
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

/** More meters than any table holds at once; names of objects have at most five digits. */
const METER_MAX = 65535;

/** @param mask the bits that are ours; validated by the configuration */
export function markField(mask: number): MarkField {
	const shift = 31 - Math.clz32(mask & -mask);
	const meterMax = Math.min(mask >>> shift, METER_MAX);
	const markOf = (meter: MeterId) => (meter << shift) >>> 0;
	return {
		mask,
		bits: bitsOf(mask),
		meterMax,
		markOf,
		meterOf: (mark) => ((mark & mask) >>> shift) as MeterId,
		key(meter) {
			const bytes = Buffer.alloc(4);
			if (littleEndian) bytes.writeUInt32LE(markOf(meter));
			else bytes.writeUInt32BE(markOf(meter));
			return bytes;
		},
		meterOfKey(key) {
			if (key.length !== 4) return 0 as MeterId;
			const mark = littleEndian ? key.readUInt32LE() : key.readUInt32BE();
			return ((mark & mask) >>> shift) as MeterId;
		},
	};
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The single bits of a mask, lowest first. */
export function bitsOf(mask: number): number[] {
	return Array.from({ length: 32 }, (_, bit) => (1 << bit) >>> 0).filter((bit) => (mask & bit) !== 0);
}
