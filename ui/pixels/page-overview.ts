import type { DisplayModel, Figures } from '../lcd/display-model.ts';
import { bytesFigure, durationFigure, figureText, rateFigure } from '../lcd/figure.ts';
import { bigText, drawBigText } from './big-text.ts';
import type { Canvas, Ink, Rectangle } from './canvas.ts';
import { drawHead, drawRight, drawSparkline, type Look, lookOf } from './look.ts';

/** Is it working, who is on, how fast, what was sold, and is the carrier there. */
export function drawOverview(canvas: Canvas, model: DisplayModel): void {
	const look = lookOf(canvas);
	const { figures } = model;
	if (figures === undefined) {
		return;
	}
	const state = stateOf(figures, model);
	drawHead(canvas, look, { title: 'Octroi', ...state, beat: model.beat });
	if (canvas.height < 100) {
		drawSmall(canvas, look, figures);
	} else {
		drawLarge(canvas, look, figures);
	}
}

function stateOf({ uplink, carrier }: Figures, { warnings }: DisplayModel): { word: string; ink: Ink } {
	if (uplink?.up !== true) {
		return { word: 'no uplink', ink: 'bad' };
	}
	if (warnings.length > 0) {
		return { word: 'attention', ink: 'warn' };
	}
	return carrier.state === 'offline' ? { word: 'carrier off', ink: 'warn' } : { word: 'working', ink: 'good' };
}

function drawSmall(canvas: Canvas, look: Look, figures: Figures): void {
	const { width, height } = canvas;
	const { active, throttled } = figures.counts;
	const { small } = look;
	const top = look.headHeight + 1;
	const count = bigText(String(active + throttled), { width: width / 2, height: 24 });
	const big = drawBigText(canvas, { x: 1, y: top }, count, 'text');
	canvas.text({ x: big.width + 4, y: top + big.height - 13 }, 'on', { font: small, ink: 'dim' });
	const rate = (bytesPerSecond: number) => figureText(rateFigure(bytesPerSecond)).replace('bit/s', 'b/s');
	drawRight(canvas, width, top, `\u2193${rate(figures.downBytesPerSecond)}`, { font: small, ink: 'down' });
	drawRight(canvas, width, top + 12, `\u2191${rate(figures.upBytesPerSecond)}`, { font: small, ink: 'up' });
	const foot = height - small.height;
	const graph = { x: 0, y: top + 26, width, height: foot - (top + 26) - 2 };
	drawSparkline(canvas, graph, figures.downHistory, { edge: 'down', shade: 'downShade' });
	const left = `sold ${figures.sold.count}`;
	canvas.text({ x: 0, y: foot }, left, { font: small, ink: 'text' });
	const letters = Math.floor(width / small.width) - left.length - 1;
	drawRight(canvas, width, foot, soldText(figures, letters), { font: small, ink: 'text' });
}

/** Data and time, or data alone if both are too long. */
function soldText({ sold }: Figures, letters: number): string {
	const parts = [
		sold.byte > 0 ? figureText(bytesFigure(sold.byte)) : '',
		sold.second > 0 ? figureText(durationFigure(sold.second)) : '',
	].filter((part) => part !== '');
	const all = parts.join('  ');
	return all.length <= letters ? all : (parts[0] ?? '');
}

function drawLarge(canvas: Canvas, look: Look, figures: Figures): void {
	const { width, height } = canvas;
	const { margin, small, body } = look;
	const { active, throttled } = figures.counts;
	const top = look.headHeight + Math.floor(margin / 2);
	const isMedium = height < 200;
	const half = Math.floor(width * (isMedium ? 0.41 : 0.54));
	const bigHeight = isMedium ? 32 : 64;
	const count = bigText(String(active + throttled), { width: half - margin - body.width * 3, height: bigHeight });
	const big = drawBigText(canvas, { x: margin, y: top + bigHeight - count.height }, count, 'text');
	const on = { x: margin + big.width + 4, y: top + bigHeight - body.height - Math.floor(count.height / 8) };
	canvas.text(on, 'on', { font: body, ink: 'dim' });
	drawCounts(canvas, look, figures, { x: half, y: top, width: width - half - margin, height: bigHeight });
	const footHeight = small.height * 2 + margin;
	const base = top + bigHeight + 4;
	drawRates(canvas, look, figures, {
		x: margin,
		y: base,
		width: width - 2 * margin,
		height: height - footHeight - base - 4,
	});
	drawFoot(canvas, look, figures, height - footHeight + 2);
}

/** One below the other, or in two columns where four rows are too many. */
function drawCounts(canvas: Canvas, look: Look, { counts }: Figures, area: Rectangle): void {
	const cells: readonly [string, number, Ink][] = [
		['active', counts.active, counts.active > 0 ? 'good' : 'dim'],
		['slow', counts.throttled, counts.throttled > 0 ? 'warn' : 'dim'],
		['walled', counts.walled, counts.walled > 0 ? 'text' : 'dim'],
		['blocked', counts.blocked, counts.blocked > 0 ? 'bad' : 'dim'],
	];
	const font = look.small;
	const columns = area.height < cells.length * font.height ? 2 : 1;
	const width = Math.floor((area.width - (columns - 1) * look.margin) / columns);
	const step = Math.floor(area.height / (cells.length / columns));
	for (const [index, [word, count, ink]] of cells.entries()) {
		const x = area.x + (index % columns) * (width + look.margin);
		const y = area.y + Math.floor(index / columns) * step + Math.floor((step - font.height) / 2);
		const number = String(count);
		drawRight(canvas, x + width, y, number, { font, ink });
		canvas.text({ x, y }, word, { font, ink: 'dim', widthMax: width - number.length * font.width });
	}
}

function drawRates(canvas: Canvas, look: Look, figures: Figures, area: Rectangle): void {
	const font = look.body;
	const gap = look.margin;
	const width = Math.floor((area.width - gap) / 2);
	for (const [index, { arrow, rate, history, ink, shade }] of (
		[
			{
				arrow: '\u2193',
				rate: figures.downBytesPerSecond,
				history: figures.downHistory,
				ink: 'down',
				shade: 'downShade',
			},
			{ arrow: '\u2191', rate: figures.upBytesPerSecond, history: figures.upHistory, ink: 'up', shade: 'upShade' },
		] as const
	).entries()) {
		const x = area.x + index * (width + gap);
		canvas.text({ x, y: area.y }, `${arrow} ${figureText(rateFigure(rate))}`, { font, ink, widthMax: width });
		const graph = { x, y: area.y + font.height + 2, width, height: area.height - font.height - 3 };
		drawSparkline(canvas, graph, history, { edge: ink, shade });
	}
}

function drawFoot(canvas: Canvas, look: Look, figures: Figures, y: number): void {
	const { small: font, margin } = look;
	const right = canvas.width - margin;
	canvas.text({ x: margin, y }, `sold today ${figures.sold.count}`, { font, ink: 'dim' });
	drawRight(canvas, right, y, soldText(figures, Math.floor(canvas.width / font.width) - 16), { font, ink: 'text' });
	const next = y + font.height + 1;
	const { carrier, uplink } = figures;
	const device = uplink === null ? 'no uplink' : uplink.device;
	canvas.text({ x: margin, y: next }, device, { font, ink: uplink?.up === true ? 'good' : 'bad' });
	const inks = { connected: 'good', offline: 'bad', not_configured: 'dim' } as const;
	const words = { connected: 'carrier connected', offline: 'carrier offline', not_configured: 'no carrier' };
	drawRight(canvas, right, next, words[carrier.state], { font, ink: inks[carrier.state] });
}
