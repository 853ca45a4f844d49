import { type Canvas, type Ink, isSet, type Point, type Rectangle } from './canvas.ts';
import { drawnText, type Font, fonts } from './font.ts';

/** A glyph or its enlargement. */
type Bitmap = { width: number; height: number; isOn(x: number, y: number): boolean };

/** From large to small: which font, and how often it is doubled. */
const SIZES: readonly { font: Font; doublings: number }[] = [
	{ font: fonts.huge, doublings: 2 },
	{ font: fonts.large, doublings: 2 },
	{ font: fonts.huge, doublings: 1 },
	{ font: fonts.large, doublings: 1 },
	{ font: fonts.huge, doublings: 0 },
	{ font: fonts.large, doublings: 0 },
	{ font: fonts.medium, doublings: 0 },
	{ font: fonts.small, doublings: 0 },
];

export type BigText = { width: number; height: number; glyphs: readonly Bitmap[] };

/** The largest that fits into the room; the smallest, if none does. */
export function bigText(text: string, room: { width: number; height: number }): BigText {
	let smallest: BigText | undefined;
	for (const { font, doublings } of SIZES) {
		const glyphs = [...drawnText(text)].map((letter) => enlarged(glyphOf(font, letter), doublings));
		smallest = {
			width: glyphs.reduce((sum, glyph) => sum + glyph.width, 0),
			height: font.height * 2 ** doublings,
			glyphs,
		};
		if (smallest.width <= room.width && smallest.height <= room.height) {
			return smallest;
		}
	}
	return smallest as BigText;
}

export function drawBigText(canvas: Canvas, at: Point, { glyphs }: BigText, ink: Ink): Rectangle {
	let left = at.x;
	let height = 0;
	for (const glyph of glyphs) {
		height = glyph.height;
		for (let y = 0; y < glyph.height; y += 1) {
			for (let x = 0; x < glyph.width; x += 1) {
				if (glyph.isOn(x, y)) {
					canvas.set(left + x, at.y + y, ink);
				}
			}
		}
		left += glyph.width;
	}
	return { ...at, width: left - at.x, height };
}

/** A point or a colon between digits needs half a cell only. */
function glyphOf(font: Font, letter: string): Bitmap {
	const glyph = font.glyph(letter.codePointAt(0) as number);
	const isNarrow = letter === '.' || letter === ':';
	const inset = isNarrow ? Math.floor(font.width / 4) : 0;
	return {
		width: font.width - 2 * inset,
		height: font.height,
		isOn: (x, y) => isSet(glyph, font, x + inset, y),
	};
}

/** Each doubling smooths the stairs (Scale2x, https://www.scale2x.it/algorithm). */
function enlarged(bitmap: Bitmap, doublings: number): Bitmap {
	let result = bitmap;
	for (let count = 0; count < doublings; count += 1) {
		result = doubled(result);
	}
	return result;
}

function doubled({ width, height, isOn }: Bitmap): Bitmap {
	const bits = new Uint8Array(width * height * 4);
	for (let y = 0; y < height; y += 1) {
		for (let x = 0; x < width; x += 1) {
			const above = isOn(x, y - 1);
			const left = isOn(x - 1, y);
			const right = isOn(x + 1, y);
			const below = isOn(x, y + 1);
			const own = isOn(x, y);
			const corners = [
				left === above && left !== below && above !== right ? above : own,
				above === right && above !== left && right !== below ? right : own,
				below === left && below !== right && left !== above ? left : own,
				right === below && right !== above && below !== left ? right : own,
			];
			for (const [index, isSetHere] of corners.entries()) {
				bits[(y * 2 + (index >> 1)) * width * 2 + x * 2 + (index & 1)] = isSetHere ? 1 : 0;
			}
		}
	}
	return {
		width: width * 2,
		height: height * 2,
		isOn: (x, y) => x >= 0 && y >= 0 && x < width * 2 && y < height * 2 && bits[y * width * 2 + x] === 1,
	};
}
