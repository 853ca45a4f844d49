import type { DisplayModel } from '../lcd/display-model.ts';
import { bigText, drawBigText } from './big-text.ts';
import type { Canvas } from './canvas.ts';
import { drawCentred, drawHead, lookOf, wrapped } from './look.ts';
import { drawQrCode } from './qr-code.ts';

/** A code to point a phone at, and beside it what it opens. */
export function drawJoin(canvas: Canvas, { join }: DisplayModel): void {
	if (join === undefined) {
		return;
	}
	const look = lookOf(canvas);
	const { width, height } = canvas;
	const side = Math.min(height, width);
	if (!drawQrCode(canvas, { x: 0, y: 0, width: side, height: side }, join.code)) {
		drawCentred(canvas, Math.floor(height / 2) - look.body.height, 'code too long', { font: look.body, ink: 'warn' });
		return;
	}
	const x = side + Math.max(3, look.margin);
	const letters = Math.floor((width - x) / look.small.width);
	if (letters < 6) {
		return;
	}
	let y = Math.max(2, look.margin);
	for (const [text, font, ink] of [
		[join.title, look.head, 'text'],
		[join.hint, look.small, 'dim'],
	] as const) {
		for (const line of wrapped(text, Math.floor((width - x) / font.width))) {
			if (y + font.height <= height) {
				canvas.text({ x, y }, line, { font, ink, widthMax: width - x });
			}
			y += font.height;
		}
		y += Math.floor(look.margin / 2);
	}
}

/** The code that the operator types on the platform, as large as it fits. */
export function drawPairing(canvas: Canvas, { pairingCode, beat }: DisplayModel): void {
	const look = lookOf(canvas);
	const code = pairingCode ?? '';
	drawHead(canvas, look, { title: 'Pairing code', word: '', ink: 'down', beat });
	const { width, height } = canvas;
	const foot = height - look.small.height - Math.floor(look.margin / 2);
	const room = { width: width - 2 * look.margin, height: foot - look.headHeight };
	const text = bigText(code, room);
	const x = Math.max(look.margin, Math.floor((width - text.width) / 2));
	drawBigText(canvas, { x, y: look.headHeight + Math.floor((room.height - text.height) / 2) }, text, 'text');
	const hint = look.isMono ? 'type it in to pair' : 'enter it on your platform';
	drawCentred(canvas, foot, hint, { font: look.small, ink: 'dim' });
}
