import { inflateRawSync } from 'node:zlib';
import { console12 } from './fonts/console-12.ts';
import { console12Bold } from './fonts/console-12-bold.ts';
import { console16Bold } from './fonts/console-16-bold.ts';
import { console24Bold } from './fonts/console-24-bold.ts';
import { console32Bold } from './fonts/console-32-bold.ts';

/** Glyphs of one cell size. */
export type Font = {
	readonly width: number;
	readonly height: number;
	/** The glyph's rows from the top, each of ⌈width / 8⌉ bytes, the leftmost pixel in the highest bit. */
	glyph(point: number): Uint8Array;
	has(point: number): boolean;
};

type FontData = { width: number; height: number; points: string; bits: string };

/** Shown for what the font has no glyph for. */
const FALLBACKS = [0xfffd, 0x3f];

function fontOf(data: FontData): Font {
	let unpacked: Map<number, Uint8Array> | undefined;
	const glyphs = () => {
		unpacked ??= readGlyphs(data);
		return unpacked;
	};
	return {
		width: data.width,
		height: data.height,
		glyph: (point) => {
			const known = [point, ...FALLBACKS].find((candidate) => glyphs().has(candidate)) as number;
			return glyphs().get(known) as Uint8Array;
		},
		has: (point) => glyphs().has(point),
	};
}

function readGlyphs({ width, height, points, bits }: FontData): Map<number, Uint8Array> {
	const bytes = inflateRawSync(Buffer.from(bits, 'base64'));
	const glyphBytes = Math.ceil(width / 8) * height;
	const glyphs = new Map<number, Uint8Array>();
	for (const range of points.split(',')) {
		const [first, last] = range.split('-').map((point) => Number.parseInt(point, 16)) as [number, number | undefined];
		for (let point = first; point <= (last ?? first); point += 1) {
			glyphs.set(point, bytes.subarray(glyphs.size * glyphBytes, (glyphs.size + 1) * glyphBytes));
		}
	}
	return glyphs;
}

/** Unpacked when they are first used. */
export const fonts = {
	small: fontOf(console12),
	smallBold: fontOf(console12Bold),
	medium: fontOf(console16Bold),
	large: fontOf(console24Bold),
	huge: fontOf(console32Bold),
} as const;

/** What is drawn a cell each: no combining marks (NFC has joined those that have a letter of their own), nothing unseen. */
export function drawnText(text: string): string {
	return text.normalize('NFC').replace(unseen, '');
}

const unseen = /[\p{M}\p{Cf}\p{Cs}\p{Cc}\u2028\u2029]/gu;
