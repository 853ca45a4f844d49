import type { LiveModel } from './models.ts';
import type { PageContext } from './page-context.ts';

/** The figures that the script puts into the page anew, as text: element by `data-live`. */
export type LiveFigures = {
	/** When it changes the page is another one. */
	readonly state: string;
	readonly percent: number;
	readonly text: Readonly<Record<'left' | 'current' | 'used' | 'down' | 'up' | 'wallet', string>>;
};

export function liveFigures({ t, format }: Pick<PageContext, 't' | 'format'>, live: LiveModel): LiveFigures {
	const { remaining, current, wallet, low, own, tethered } = live;
	// The page says it in words, so it is another page.
	const behind = tethered === undefined || tethered.state === 'allowed' ? [] : [`tethered-${tethered.state}`];
	return {
		state: [live.state, ...(own === undefined ? [] : [`own-${own}`]), ...behind, ...low.map(({ id }) => id)].join(' '),
		percent: remaining === undefined || remaining.of === 0 ? 0 : Math.floor((100 * remaining.amount) / remaining.of),
		text: {
			left: remaining === undefined ? t('left_free') : format.amount(remaining.unit, remaining.amount),
			current: current === undefined ? '' : format.amount(current.unit, current.amount),
			wallet: wallet === undefined ? '' : format.money(wallet.amount),
			used: format.bytes(live.sessionBytes),
			down: format.rate(live.downBytesPerSecond),
			up: format.rate(live.upBytesPerSecond),
		},
	};
}
