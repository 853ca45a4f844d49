import type { DisplayModel, Figures } from '../lcd/display-model.ts';
import { bytesFigure, durationFigure, figureText, rateFigure } from '../lcd/figure.ts';
import type { Canvas, Ink, Rectangle } from './canvas.ts';
import { bigHeight, drawBig, drawHead, drawRight, drawSparkline, type Look, lookOf } from './look.ts';

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
	const taken = drawBig(canvas, look, { x: 1, y: top }, String(active + throttled), {
		ink: 'text',
		widthMax: width / 2,
	});
	canvas.text({ x: taken + 4, y: top + 11 }, 'on', { font: small, ink: 'dim' });
	const rate = (bytesPerSecond: number) => figureText(rateFigure(bytesPerSecond)).replace('bit/s', 'b/s');
	drawRight(canvas, width, top, `\u2193${rate(figures.downBytesPerSecond)}`, { font: small, ink: 'down' });
	drawRight(canvas, width, top + 12, `\u2191${rate(figures.upBytesPerSecond)}`, { font: small, ink: 'up' });
	const foot = height - small.height;
	const graph = { x: 0, y: top + 26, width, height: foot - (top + 26) - 2 };
	drawSparkline(canvas, graph, figures.downHistory, 'down');
	canvas.text({ x: 0, y: foot }, `sold ${figures.sold.count}`, { font: small, ink: 'text' });
	drawRight(canvas, width, foot, soldText(figures), { font: small, ink: 'text' });
}

function soldText({ sold }: Figures): string {
	const parts = [
		sold.byte > 0 ? figureText(bytesFigure(sold.byte)) : '',
		sold.second > 0 ? figureText(durationFigure(sold.second)) : '',
	].filter((part) => part !== '');
	return parts.length === 0 ? '-' : parts.join(' ');
}

function drawLarge(canvas: Canvas, look: Look, figures: Figures): void {
	const { width, height } = canvas;
	const { margin, small, body } = look;
	const { active, throttled } = figures.counts;
	const top = look.headHeight + Math.floor(margin / 2);
	const half = Math.floor(width * 0.46);
	const on = { x: margin, y: top };
	const taken = drawBig(canvas, look, on, String(active + throttled), {
		ink: 'text',
		widthMax: half - margin - body.width * 3,
	});
	const base = top + bigHeight(look);
	canvas.text({ x: margin + taken + 4, y: base - body.height - Math.floor(margin / 2) }, 'on', {
		font: body,
		ink: 'dim',
	});
	drawCounts(canvas, look, figures, { x: half, y: top, width: width - half - margin, height: bigHeight(look) });
	const footHeight = small.height * 2 + margin;
	const graphs = { x: margin, y: base + 4, width: width - 2 * margin, height: height - footHeight - base - 8 };
	drawRates(canvas, look, figures, graphs);
	drawFoot(canvas, look, figures, height - footHeight + 2);
}

function drawCounts(canvas: Canvas, look: Look, { counts }: Figures, area: Rectangle): void {
	const rows: readonly [string, number, Ink][] = [
		['active', counts.active, counts.active > 0 ? 'good' : 'dim'],
		['throttled', counts.throttled, counts.throttled > 0 ? 'warn' : 'dim'],
		['walled', counts.walled, counts.walled > 0 ? 'text' : 'dim'],
		['blocked', counts.blocked, counts.blocked > 0 ? 'bad' : 'dim'],
	];
	const font = look.isBigDoubled ? look.body : look.small;
	const shown = rows.slice(0, Math.floor(area.height / font.height));
	const step = Math.floor(area.height / shown.length);
	for (const [index, [word, count, ink]] of shown.entries()) {
		const y = area.y + index * step + Math.floor((step - font.height) / 2);
		canvas.text({ x: area.x, y }, word, { font, ink: 'dim' });
		drawRight(canvas, area.x + area.width, y, String(count), { font, ink });
	}
}

function drawRates(canvas: Canvas, look: Look, figures: Figures, area: Rectangle): void {
	const font = look.body;
	const gap = look.margin;
	const width = Math.floor((area.width - gap) / 2);
	for (const [index, { arrow, rate, history, ink }] of (
		[
			{ arrow: '\u2193', rate: figures.downBytesPerSecond, history: figures.downHistory, ink: 'down' },
			{ arrow: '\u2191', rate: figures.upBytesPerSecond, history: figures.upHistory, ink: 'up' },
		] as const
	).entries()) {
		const x = area.x + index * (width + gap);
		canvas.text({ x, y: area.y }, `${arrow} ${figureText(rateFigure(rate))}`, { font, ink, widthMax: width });
		const graph = { x, y: area.y + font.height + 2, width, height: area.height - font.height - 3 };
		drawSparkline(canvas, graph, history, ink);
	}
}

function drawFoot(canvas: Canvas, look: Look, figures: Figures, y: number): void {
	const { small: font, margin } = look;
	const right = canvas.width - margin;
	canvas.text({ x: margin, y }, `sold today ${figures.sold.count}`, { font, ink: 'dim' });
	drawRight(canvas, right, y, soldText(figures), { font, ink: 'text' });
	const next = y + font.height + 1;
	const { carrier, uplink } = figures;
	const device = uplink === null ? 'no uplink' : uplink.device;
	canvas.text({ x: margin, y: next }, device, { font, ink: uplink?.up === true ? 'good' : 'bad' });
	const inks = { connected: 'good', offline: 'bad', not_configured: 'dim' } as const;
	const words = { connected: 'carrier connected', offline: 'carrier offline', not_configured: 'no carrier' };
	drawRight(canvas, right, next, words[carrier.state], { font, ink: inks[carrier.state] });
}
