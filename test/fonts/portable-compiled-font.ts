/**
 * A bitmap font in X11's Portable Compiled Format, as far as fonts of one cell size need it
 * (https://fontforge.org/docs/techref/pcf-format.html).
 */
export type BitmapFont = {
	width: number;
	height: number;
	/** By code point: the rows from the top, each of ⌈width / 8⌉ bytes, the leftmost pixel in the highest bit. */
	glyphs: Map<number, Buffer>;
};

const METRICS = 4;
const BITMAPS = 8;
const ENCODINGS = 32;
const COMPRESSED_METRICS = 0x100;

export function readPortableCompiledFont(file: Buffer): BitmapFont {
	if (file.readUInt32BE(0) !== 0x01666370) {
		throw new Error('this is not a PCF font');
	}
	const { width, height } = readCell(table(file, METRICS));
	const bitmaps = readBitmaps(table(file, BITMAPS), { width, height });
	return { width, height, glyphs: readEncodings(table(file, ENCODINGS), bitmaps) };
}

type Table = { bytes: Buffer; format: number; u16(at: number): number; u32(at: number): number };

/** The format itself is always little-endian; it says how the rest is. */
function table(file: Buffer, type: number): Table {
	for (let index = 0; index < file.readUInt32LE(4); index += 1) {
		const entry = 8 + index * 16;
		if (file.readUInt32LE(entry) === type) {
			const start = file.readUInt32LE(entry + 12);
			const bytes = file.subarray(start, start + file.readUInt32LE(entry + 8));
			const format = bytes.readUInt32LE(0);
			const isBig = (format & 4) !== 0;
			return {
				bytes,
				format,
				u16: (at) => (isBig ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at)),
				u32: (at) => (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)),
			};
		}
	}
	throw new Error(`the font has no table ${type}`);
}

/** The first glyph's: in a console font all are alike. */
function readCell({ bytes, format, u16 }: Table): { width: number; height: number } {
	if ((format & COMPRESSED_METRICS) !== 0) {
		const value = (at: number) => (bytes[6 + at] as number) - 128;
		return { width: value(2), height: value(3) + value(4) };
	}
	return { width: u16(8 + 4), height: u16(8 + 6) + u16(8 + 8) };
}

function readBitmaps({ bytes, format, u32 }: Table, cell: { width: number; height: number }): Buffer[] {
	const count = u32(4);
	const start = 8 + count * 4 + 16;
	const padding = 1 << (format & 3);
	const rowBytes = Math.ceil(cell.width / 8);
	const stride = Math.ceil(rowBytes / padding) * padding;
	if ((format & 8) === 0) {
		throw new Error('bits in reverse order are not read');
	}
	return Array.from({ length: count }, (_, glyph) => {
		const from = start + u32(8 + glyph * 4);
		const rows = Array.from({ length: cell.height }, (_, row) =>
			bytes.subarray(from + row * stride, from + row * stride + rowBytes),
		);
		return Buffer.concat(rows);
	});
}

function readEncodings({ u16 }: Table, bitmaps: readonly Buffer[]): Map<number, Buffer> {
	const lowMin = u16(4);
	const lowMax = u16(6);
	const highMin = u16(8);
	const highMax = u16(10);
	const glyphs = new Map<number, Buffer>();
	let at = 14;
	for (let high = highMin; high <= highMax; high += 1) {
		for (let low = lowMin; low <= lowMax; low += 1) {
			const bitmap = bitmaps[u16(at)];
			at += 2;
			if (bitmap !== undefined) {
				glyphs.set(high * 256 + low, bitmap);
			}
		}
	}
	return glyphs;
}
