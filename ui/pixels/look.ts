import type { Canvas, Ink, Point, Rectangle } from './canvas.ts';
import { type Font, fonts } from './font.ts';

/** The sizes of letters and gaps for one size of panel. */
export type Look = {
	small: Font;
	body: Font;
	head: Font;
	margin: number;
	headHeight: number;
	isMono: boolean;
};

export function lookOf({ height }: { height: number }): Look {
	if (height < 100) {
		return { small: fonts.small, body: fonts.small, head: fonts.smallBold, margin: 1, headHeight: 12, isMono: true };
	}
	if (height < 200) {
		return { small: fonts.small, body: fonts.smallBold, head: fonts.medium, margin: 6, headHeight: 20, isMono: false };
	}
	return { small: fonts.medium, body: fonts.medium, head: fonts.medium, margin: 8, headHeight: 26, isMono: false };
}

/** Text that ends at `right`. */
export function drawRight(
	canvas: Canvas,
	right: number,
	y: number,
	text: string,
	options: { font: Font; ink: Ink },
): void {
	canvas.text({ x: right - [...text].length * options.font.width, y }, text, { ...options, widthMax: canvas.width });
}

export function drawCentred(canvas: Canvas, y: number, text: string, options: { font: Font; ink: Ink }): void {
	const room = Math.floor(canvas.width / options.font.width);
	const width = Math.min(room, [...text].length) * options.font.width;
	canvas.text({ x: Math.floor((canvas.width - width) / 2), y }, text, { ...options, widthMax: width });
}

/** The strip at the top: a name, a word on the right, and the heart that beats while figures arrive. */
export function drawHead(
	canvas: Canvas,
	look: Look,
	head: { title: string; word: string; ink: Ink; beat: boolean },
): void {
	const { headHeight, head: font, margin } = look;
	const y = Math.floor((headHeight - font.height) / 2);
	canvas.fill({ x: 0, y: 0, width: canvas.width, height: headHeight }, 'panel');
	canvas.fill({ x: 0, y: headHeight - 1, width: canvas.width, height: 1 }, 'line');
	const radius = Math.max(2, Math.floor(font.height / 5));
	const heart = { x: canvas.width - margin - 2 * radius - 1, y: Math.floor((headHeight - 2 * radius) / 2) - 1 };
	drawDisc(canvas, heart, radius, head.ink, head.beat);
	const right = heart.x - Math.max(4, margin);
	const wordWidth = [...head.word].length * font.width;
	drawRight(canvas, right, y, head.word, { font, ink: head.ink });
	canvas.text({ x: margin, y }, head.title, { font, ink: 'text', widthMax: right - wordWidth - font.width - margin });
}

/** Filled, or only its edge. */
function drawDisc(canvas: Canvas, at: Point, radius: number, ink: Ink, isFilled: boolean): void {
	for (let y = -radius; y <= radius; y += 1) {
		for (let x = -radius; x <= radius; x += 1) {
			const distance = Math.hypot(x, y);
			if (distance <= radius + 0.3 && (isFilled || distance > radius - 0.9)) {
				canvas.set(at.x + radius + x, at.y + radius + y, ink);
			}
		}
	}
}

export function drawBar(canvas: Canvas, area: Rectangle, share: number, ink: Ink): void {
	canvas.fill(area, 'panel');
	canvas.frame(area, 'line');
	const width = Math.round((area.width - 4) * Math.min(1, Math.max(0, share)));
	canvas.fill({ x: area.x + 2, y: area.y + 2, width, height: area.height - 4 }, ink);
}

/** The newest figure stands at the right edge, one a pixel; the highest one in sight reaches the top. */
export function drawSparkline(
	canvas: Canvas,
	area: Rectangle,
	values: readonly number[],
	inks: { edge: Ink; shade: Ink },
): void {
	const shown = values.slice(-area.width);
	const top = Math.max(1, ...shown);
	const left = area.x + area.width - shown.length;
	let before: number | undefined;
	for (const [index, value] of shown.entries()) {
		const height = value <= 0 ? 0 : Math.max(1, Math.round((value / top) * area.height));
		const y = area.y + area.height - height;
		canvas.fill({ x: left + index, y, width: 1, height }, inks.shade);
		// The edge has no holes where the curve is steep.
		const edge = Math.max(Math.min(2, height), height - Math.min(height, before ?? height));
		canvas.fill({ x: left + index, y, width: 1, height: edge }, inks.edge);
		if (before !== undefined && before > height && index > 0) {
			const drop = { x: left + index - 1, y: area.y + area.height - before, width: 1, height: before - height };
			canvas.fill(drop, inks.edge);
		}
		before = height;
	}
	canvas.fill({ x: area.x, y: area.y + area.height, width: area.width, height: 1 }, 'line');
}

/** Broken between words into rows of at most this many letters. */
export function wrapped(text: string, letters: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ').filter(Boolean)) {
		if (line !== '' && [...line].length + 1 + [...word].length > letters) {
			lines.push(line);
			line = '';
		}
		line = line === '' ? word : `${line} ${word}`;
	}
	return [...lines, line];
}
