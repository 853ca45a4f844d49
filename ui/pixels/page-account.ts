import { type AccountFigure, type DisplayModel, shareLeft } from '../lcd/display-model.ts';
import { amountFigure, figureText, rateFigure } from '../lcd/figure.ts';
import { bigText, drawBigText } from './big-text.ts';
import type { Canvas, Ink } from './canvas.ts';
import { drawBar, drawHead, drawRight, lookOf } from './look.ts';

/** Below this share the figure is a warning. */
const LOW_SHARE = 0.15;

/** What is left for one account, as large as the panel allows. */
export function drawAccount(canvas: Canvas, model: DisplayModel): void {
	const { account } = model;
	if (account === undefined) {
		return;
	}
	const look = lookOf(canvas);
	const { margin, small } = look;
	const { width, height } = canvas;
	const share = shareLeft(account);
	const { word, ink } = stateOf(account, share);
	drawHead(canvas, look, { title: account.account, word, ink, beat: model.beat });
	const figure = amountFigure(account.unit, account.amount);
	const foot = height - small.height - Math.floor(margin / 2);
	const barHeight = Math.max(7, Math.floor(height / 12));
	const bar = {
		x: margin,
		y: foot - barHeight - Math.max(2, Math.floor(margin / 2)),
		width: width - 2 * margin,
		height: barHeight,
	};
	const unitFont = look.isMono ? look.body : look.head;
	const unitWidth = unitFont.width * Math.max(4, figure.unit.length) + 4;
	const room = { width: width - 2 * margin - unitWidth, height: bar.y - look.headHeight };
	const text = bigText(figure.text, room);
	const top = look.headHeight + Math.floor((room.height - text.height) / 2);
	const big = drawBigText(canvas, { x: margin, y: top }, text, ink === 'good' ? 'text' : ink);
	const base = top + Math.floor((big.height * 13) / 16);
	const words = { x: margin + big.width + 4, y: Math.max(look.headHeight + 1, base - 2 * unitFont.height) };
	canvas.text(words, figure.unit, { font: unitFont, ink: 'text' });
	canvas.text({ x: words.x, y: words.y + unitFont.height }, 'left', { font: unitFont, ink: 'dim' });
	const device = account.stations === 1 ? '1 device' : `${account.stations} devices`;
	const bought =
		account.amountBought === undefined ? '' : ` of ${figureText(amountFigure(account.unit, account.amountBought))}`;
	if (share !== undefined) {
		drawBar(canvas, bar, share, ink);
	}
	canvas.text({ x: margin, y: foot }, device, { font: small, ink: 'dim' });
	const right =
		account.downBytesPerSecond > 0 && width >= 200
			? `\u2193 ${figureText(rateFigure(account.downBytesPerSecond))}${bought === '' ? '' : `  ${bought}`}`
			: bought;
	drawRight(canvas, width - margin, foot, right, { font: small, ink: 'dim' });
}

function stateOf(account: AccountFigure, share: number | undefined): { word: string; ink: Ink } {
	if (account.isMissing) {
		return { word: 'unknown', ink: 'bad' };
	}
	if (account.blocked) {
		return { word: 'blocked', ink: 'bad' };
	}
	if (account.throttled) {
		return { word: 'throttled', ink: 'warn' };
	}
	if (account.amount === 0) {
		return { word: 'empty', ink: 'bad' };
	}
	const isLow = share !== undefined && share < LOW_SHARE;
	return { word: share === undefined ? '' : `${Math.floor(share * 100)} %`, ink: isLow ? 'warn' : 'good' };
}
