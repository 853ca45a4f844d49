import { type AccountFigure, type DisplayModel, shareLeft } from '../lcd/display-model.ts';
import { amountFigure, figureText, rateFigure } from '../lcd/figure.ts';
import type { Canvas, Ink } from './canvas.ts';
import { bigHeight, drawBar, drawBig, drawHead, drawRight, lookOf } from './look.ts';

/** Below this share the figure is a warning. */
const LOW_SHARE = 0.15;

/** What is left for one account, as large as the panel allows. */
export function drawAccount(canvas: Canvas, model: DisplayModel): void {
	const { account } = model;
	if (account === undefined) {
		return;
	}
	const look = lookOf(canvas);
	const { margin, small, body } = look;
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
	const top = look.headHeight + Math.max(0, Math.floor((bar.y - look.headHeight - bigHeight(look)) / 2));
	const taken = drawBig(canvas, look, { x: margin, y: top }, figure.text, {
		ink: ink === 'good' ? 'text' : ink,
		widthMax: width - 2 * margin - body.width * (figure.unit.length + 1),
	});
	const words = { x: margin + taken + Math.ceil(body.width / 2), y: top + bigHeight(look) - body.height - 2 };
	canvas.text(words, figure.unit, { font: body, ink: 'text' });
	canvas.text({ x: words.x, y: words.y - body.height }, 'left', { font: body, ink: 'dim' });
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
