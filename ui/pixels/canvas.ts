import { drawnText, type Font } from './font.ts';

/** What a pixel means; the encoder of the device makes a colour or a bit of it. */
export const INKS = [
	'background',
	'panel',
	'line',
	'dim',
	'text',
	'good',
	'warn',
	'bad',
	'down',
	'downShade',
	'up',
	'upShade',
	'paper',
	'ink',
] as const;
export type Ink = (typeof INKS)[number];

export type Point = { x: number; y: number };
export type Rectangle = Point & { width: number; height: number };

/** An image in memory, one byte a pixel: the index of its ink. Whatever lies outside is not drawn. */
export class Canvas {
	readonly width: number;
	readonly height: number;
	readonly pixels: Uint8Array;

	constructor(size: { width: number; height: number }) {
		this.width = size.width;
		this.height = size.height;
		this.pixels = new Uint8Array(size.width * size.height);
	}

	set(x: number, y: number, ink: Ink): void {
		if (x >= 0 && y >= 0 && x < this.width && y < this.height) {
			this.pixels[y * this.width + x] = INKS.indexOf(ink);
		}
	}

	fill({ x, y, width, height }: Rectangle, ink: Ink): void {
		const left = Math.max(0, x);
		const right = Math.min(this.width, x + width);
		for (let row = Math.max(0, y); row < Math.min(this.height, y + height); row += 1) {
			if (right > left) {
				this.pixels.fill(INKS.indexOf(ink), row * this.width + left, row * this.width + right);
			}
		}
	}

	frame({ x, y, width, height }: Rectangle, ink: Ink): void {
		this.fill({ x, y, width, height: 1 }, ink);
		this.fill({ x, y: y + height - 1, width, height: 1 }, ink);
		this.fill({ x, y, width: 1, height }, ink);
		this.fill({ x: x + width - 1, y, width: 1, height }, ink);
	}

	/** One line of text from the upper left corner; cut with an ellipsis at `widthMax` pixels. Returns its width in pixels. */
	text(at: Point, text: string, { font, ink, widthMax }: { font: Font; ink: Ink; widthMax?: number }): number {
		const letters = [...drawnText(text)];
		const room = Math.floor((widthMax ?? this.width - at.x) / font.width);
		const shown =
			letters.length <= room ? letters : [...letters.slice(0, Math.max(0, room - 1)), '\u2026'].slice(0, room);
		for (const [index, letter] of shown.entries()) {
			this.#glyph({ x: at.x + index * font.width, y: at.y }, font.glyph(letter.codePointAt(0) as number), font, ink);
		}
		return shown.length * font.width;
	}

	#glyph(at: Point, glyph: Uint8Array, font: Font, ink: Ink): void {
		for (let y = 0; y < font.height; y += 1) {
			for (let x = 0; x < font.width; x += 1) {
				if (isSet(glyph, font, x, y)) {
					this.set(at.x + x, at.y + y, ink);
				}
			}
		}
	}
}

/** Whether a pixel of a glyph is drawn. */
export function isSet(glyph: Uint8Array, font: Font, x: number, y: number): boolean {
	if (x < 0 || y < 0 || x >= font.width || y >= font.height) {
		return false;
	}
	const byte = glyph[y * Math.ceil(font.width / 8) + (x >> 3)] as number;
	return ((byte >> (7 - (x & 7))) & 1) === 1;
}

/** The image turned clockwise, for a panel that is mounted so. */
export function rotated(canvas: Canvas, degrees: 0 | 90 | 180 | 270): Canvas {
	if (degrees === 0) {
		return canvas;
	}
	const { width, height } = canvas;
	const result = new Canvas(degrees === 180 ? { width, height } : { width: height, height: width });
	for (let y = 0; y < height; y += 1) {
		for (let x = 0; x < width; x += 1) {
			const to =
				degrees === 90
					? { x: height - 1 - y, y: x }
					: degrees === 180
						? { x: width - 1 - x, y: height - 1 - y }
						: { x: y, y: width - 1 - x };
			result.pixels[to.y * result.width + to.x] = canvas.pixels[y * width + x] as number;
		}
	}
	return result;
}

/** The image moved by some pixels; what comes in from the edge is background. */
export function shifted(canvas: Canvas, by: Point): Canvas {
	if (by.x === 0 && by.y === 0) {
		return canvas;
	}
	const result = new Canvas(canvas);
	for (let y = 0; y < canvas.height; y += 1) {
		for (let x = 0; x < canvas.width; x += 1) {
			const fromX = x - by.x;
			const fromY = y - by.y;
			if (fromX >= 0 && fromY >= 0 && fromX < canvas.width && fromY < canvas.height) {
				result.pixels[y * canvas.width + x] = canvas.pixels[fromY * canvas.width + fromX] as number;
			}
		}
	}
	return result;
}
