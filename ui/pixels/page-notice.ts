import type { DisplayModel } from '../lcd/display-model.ts';
import { durationFigure, figureText } from '../lcd/figure.ts';
import type { Canvas, Ink } from './canvas.ts';
import { drawnText, type Font, fonts } from './font.ts';
import { drawCentred, drawHead, lookOf, wrapped } from './look.ts';

/** What the operator should know now. */
export function drawAlert(canvas: Canvas, { warnings, beat }: DisplayModel): void {
	const look = lookOf(canvas);
	const count = warnings.length > 1 ? String(warnings.length) : '';
	drawHead(canvas, look, { title: 'Attention', word: count, ink: 'warn', beat });
	drawLines(
		canvas,
		warnings.map((text) => ({ text, ink: 'text' })),
	);
}

export function drawLost(canvas: Canvas, { link }: DisplayModel): void {
	const look = lookOf(canvas);
	const seconds = link.state === 'lost' ? link.seconds : 0;
	drawHead(canvas, look, { title: 'No agent', word: figureText(durationFigure(seconds)), ink: 'bad', beat: false });
	drawLines(canvas, [
		{ text: 'Octroi does not answer.', ink: 'text' },
		{ text: 'Credit is safe, limits hold.', ink: 'dim' },
	]);
}

export function drawStarting(canvas: Canvas): void {
	const look = lookOf(canvas);
	const y = Math.floor(canvas.height / 2) - look.head.height;
	drawCentred(canvas, y, 'Octroi', { font: look.head, ink: 'text' });
	drawCentred(canvas, y + look.head.height, 'is starting', { font: look.small, ink: 'dim' });
}

/** Nearly nothing, at another place each turn, so that no pixel shines for long. */
export function drawResting(canvas: Canvas, turn: number): void {
	const { small } = lookOf(canvas);
	const text = 'Octroi';
	const room = { x: canvas.width - text.length * small.width, y: canvas.height - small.height };
	// Two strides without a common divisor reach every place in time.
	canvas.text({ x: (turn * 37) % Math.max(1, room.x), y: (turn * 23) % Math.max(1, room.y) }, text, {
		font: small,
		ink: 'dim',
	});
}

/** In the largest letters in which all of it fits. */
function drawLines(canvas: Canvas, paragraphs: readonly { text: string; ink: Ink }[]): void {
	const look = lookOf(canvas);
	const gap = Math.floor(look.margin / 2);
	const top = look.headHeight + Math.max(1, gap);
	const room = canvas.width - 2 * look.margin;
	const linesIn = (font: Font) =>
		paragraphs.map(({ text, ink }) => ({ ink, lines: wrapped(drawnText(text), Math.floor(room / font.width)) }));
	const fits = (font: Font) => {
		const lines = linesIn(font).flatMap((paragraph) => paragraph.lines);
		const isWhole = lines.every((line) => [...line].every((letter) => font.has(letter.codePointAt(0) as number)));
		return isWhole && top + lines.length * font.height + (paragraphs.length - 1) * gap <= canvas.height;
	};
	const sizes = look.isMono ? [fonts.small] : [fonts.large, fonts.medium, fonts.smallBold];
	const font = sizes.find(fits) ?? fonts.small;
	let y = top;
	for (const { lines, ink } of linesIn(font)) {
		for (const line of lines) {
			if (y + font.height <= canvas.height) {
				canvas.text({ x: look.margin, y }, line, { font, ink, widthMax: room });
			}
			y += font.height;
		}
		y += gap;
	}
}
