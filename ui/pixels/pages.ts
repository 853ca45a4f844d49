import type { DisplayModel } from '../lcd/display-model.ts';
import { Canvas } from './canvas.ts';
import { drawAccount } from './page-account.ts';
import { drawJoin, drawPairing } from './page-join.ts';
import { drawAlert, drawLost, drawResting, drawStarting } from './page-notice.ts';
import { drawOverview } from './page-overview.ts';

export const PAGE_NAMES = ['overview', 'account', 'join', 'pairing', 'alert', 'lost', 'starting', 'resting'] as const;
export type PageName = (typeof PAGE_NAMES)[number];

/** The pages that rotate now, or the one that keeps all others away. */
export function pagesNow(model: DisplayModel, attention: { alert: string | undefined; account: boolean }): PageName[] {
	if (model.link.state === 'lost') {
		return ['lost'];
	}
	if (model.figures === undefined) {
		return ['starting'];
	}
	if (attention.alert !== undefined && model.warnings.length > 0) {
		return ['alert'];
	}
	if (model.pairingCode !== undefined) {
		return ['pairing'];
	}
	if (attention.account && model.account !== undefined) {
		return ['account'];
	}
	return [
		...(model.account === undefined ? [] : (['account'] as const)),
		'overview',
		...(model.join === undefined ? [] : (['join'] as const)),
		...(model.warnings.length === 0 ? [] : (['alert'] as const)),
	];
}

export type PageOptions = {
	size: { width: number; height: number };
	/** Grows by one with each turn: the resting page moves with it. */
	turn: number;
};

/** Draws one page: model in, pixels out. */
export function drawPage(name: PageName, model: DisplayModel, { size, turn }: PageOptions): Canvas {
	const canvas = new Canvas(size);
	const draw = {
		overview: () => drawOverview(canvas, model),
		account: () => drawAccount(canvas, model),
		join: () => drawJoin(canvas, model),
		pairing: () => drawPairing(canvas, model),
		alert: () => drawAlert(canvas, model),
		lost: () => drawLost(canvas, model),
		starting: () => drawStarting(canvas),
		resting: () => drawResting(canvas, turn),
	}[name];
	draw();
	return canvas;
}
