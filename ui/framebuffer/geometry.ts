import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BITS_PER_PIXEL, type PixelFormat } from '../pixels/pixel-format.ts';

/** How the pixels of a framebuffer lie in its memory. */
export type Geometry = { width: number; height: number; format: PixelFormat; strideBytes: number };

export type GeometryOptions = {
	/** `/dev/fb0`, or a file. */
	path: string;
	size: { width: number; height: number } | undefined;
	format: PixelFormat | undefined;
	/** Default /sys/class/graphics. */
	sysfs?: string;
};

/** What the largest panels of routers have, with room to spare; more is a mistake. */
const PIXELS_MAX = 4096;

/**
 * The geometry of a framebuffer: what was asked for, else what the kernel says of the device
 * (Documentation/ABI/testing/sysfs-class-graphics; FBIOGET_VSCREENINFO would need native code).
 * Returns what is missing, in words, if neither knows.
 */
export function readGeometry({
	path,
	size,
	format,
	sysfs = '/sys/class/graphics',
}: GeometryOptions): Geometry | string {
	const folder = join(sysfs, basename(path));
	const real = {
		size: sizeOf(folder),
		bits: numberIn(join(folder, 'bits_per_pixel')),
		stride: numberIn(join(folder, 'stride')),
	};
	const { width, height } = size ?? real.size ?? { width: 0, height: 0 };
	const known = format ?? formatOf(real.bits);
	if (width < 1 || height < 1 || width > PIXELS_MAX || height > PIXELS_MAX) {
		return 'its size is not known: give --size WIDTHxHEIGHT';
	}
	if (known === undefined) {
		const reason = real.bits === undefined ? 'its pixels are not known' : `pixels of ${real.bits} bits are not drawn`;
		return `${reason}: give --pixels FORMAT`;
	}
	const leastBytes = Math.ceil((width * BITS_PER_PIXEL[known]) / 8);
	const strideBytes = real.stride !== undefined && real.stride >= leastBytes ? real.stride : leastBytes;
	return { width, height, format: known, strideBytes };
}

/** What is seen is in `modes` (`U:320x240p-0`); `virtual_size` may hold a second page below it. */
function sizeOf(folder: string): { width: number; height: number } | undefined {
	const found =
		/(\d+)x(\d+)/.exec(textIn(join(folder, 'modes'))) ?? /(\d+),(\d+)/.exec(textIn(join(folder, 'virtual_size')));
	return found === null ? undefined : { width: Number(found[1]), height: Number(found[2]) };
}

/** The small OLED controllers that have one bit a pixel count it from the lowest (drivers/video/fbdev/ssd1307fb.c). */
function formatOf(bits: number | undefined): PixelFormat | undefined {
	return ({ 1: 'mono-lsb', 16: 'rgb565', 32: 'xrgb8888' } as const)[bits as 1 | 16 | 32];
}

function numberIn(path: string): number | undefined {
	const text = textIn(path);
	return /^\d+$/.test(text) ? Number(text) : undefined;
}

function textIn(path: string): string {
	try {
		return readFileSync(path, 'utf8').trim();
	} catch {
		// A plain file has none of these.
		return '';
	}
}
