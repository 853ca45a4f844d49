import { type Canvas, INKS, type Ink } from './canvas.ts';

/** How a device keeps its pixels. `mono-lsb` has the leftmost pixel in the lowest bit, as Linux' ssd1307fb does. */
export const PIXEL_FORMATS = ['mono-lsb', 'mono-msb', 'rgb565', 'xrgb8888'] as const;
export type PixelFormat = (typeof PIXEL_FORMATS)[number];

export const BITS_PER_PIXEL: Readonly<Record<PixelFormat, number>> = {
	'mono-lsb': 1,
	'mono-msb': 1,
	rgb565: 16,
	xrgb8888: 32,
};

/** Red, green, blue. Dark, because a display stands in a room at night too. */
export const COLOURS: Readonly<Record<Ink, readonly [number, number, number]>> = {
	background: [8, 12, 20],
	panel: [24, 34, 52],
	line: [52, 66, 92],
	dim: [148, 163, 190],
	text: [240, 244, 250],
	good: [74, 222, 128],
	warn: [251, 191, 36],
	bad: [248, 96, 96],
	down: [80, 170, 255],
	downShade: [22, 52, 92],
	up: [200, 140, 255],
	upShade: [58, 40, 88],
	paper: [255, 255, 255],
	ink: [0, 0, 0],
};

/** On a panel of one bit everything that is not ground shines. */
export const DARK_INKS: readonly Ink[] = ['background', 'panel', 'ink'];

export type EncodeOptions = {
	format: PixelFormat;
	/** From one row to the next, in bytes. */
	strideBytes: number;
	/** A panel on which 0 shines. */
	isInverted: boolean;
};

/** The bytes that the device shall hold. */
export function encodePixels(canvas: Canvas, { format, strideBytes, isInverted }: EncodeOptions): Buffer {
	const bytes = Buffer.alloc(strideBytes * canvas.height);
	const write = writers[format];
	const values = INKS.map((ink) => pixelValue(ink, format, isInverted));
	for (let y = 0; y < canvas.height; y += 1) {
		for (let x = 0; x < canvas.width; x += 1) {
			const value = values[canvas.pixels[y * canvas.width + x] as number] as number;
			write(bytes, y * strideBytes, x, value);
		}
	}
	return bytes;
}

/** The kernel's framebuffers have their pixels in the byte order of the machine: little-endian on every router of today. */
const writers: Readonly<Record<PixelFormat, (bytes: Buffer, row: number, x: number, value: number) => void>> = {
	'mono-lsb': (bytes, row, x, value) => {
		bytes[row + (x >> 3)] = (bytes[row + (x >> 3)] as number) | (value << (x & 7));
	},
	'mono-msb': (bytes, row, x, value) => {
		bytes[row + (x >> 3)] = (bytes[row + (x >> 3)] as number) | (value << (7 - (x & 7)));
	},
	rgb565: (bytes, row, x, value) => bytes.writeUInt16LE(value, row + x * 2),
	xrgb8888: (bytes, row, x, value) => bytes.writeUInt32LE(value, row + x * 4),
};

function pixelValue(ink: Ink, format: PixelFormat, isInverted: boolean): number {
	const [red, green, blue] = COLOURS[ink].map((part) => (isInverted ? 255 - part : part)) as [number, number, number];
	if (BITS_PER_PIXEL[format] === 1) {
		return DARK_INKS.includes(ink) === isInverted ? 1 : 0;
	}
	return format === 'rgb565'
		? ((red >> 3) << 11) | ((green >> 2) << 5) | (blue >> 3)
		: (red << 16) | (green << 8) | blue;
}
