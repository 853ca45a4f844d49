import { type Html, html } from './html.ts';
import type { ChartModel } from './models.ts';
import type { PageContext } from './page-context.ts';

const WIDTH = 240;
const HEIGHT = 48;
const GAP = 2;

/** Usage of the last hours as bars. In words for those who do not see it. */
export function usageChart({ t, format, language }: PageContext, { hours }: ChartModel): Html {
	const total = hours.reduce((sum, { bytes }) => sum + bytes, 0);
	const first = hours[0];
	const last = hours.at(-1);
	if (total === 0 || first === undefined || last === undefined) return html`<p class="hint">${t('history_none')}</p>`;
	const most = hours.reduce((best, hour) => (hour.bytes > best.bytes ? hour : best));
	const text = t('history_text', { amount: format.bytes(total), hour: format.hour(most.startWallMs) });
	const step = WIDTH / hours.length;
	const bars = hours.map(({ bytes }, index) => {
		const height = bytes === 0 ? 1 : Math.max(2, Math.round((HEIGHT * bytes) / most.bytes));
		return html`<rect x="${Math.round(index * step * 10) / 10}" y="${HEIGHT - height}" width="${Math.round((step - GAP) * 10) / 10}" height="${height}" rx="1"${bytes === 0 && html` class="none"`}/>`;
	});
	// Time runs as the language is written.
	const mirrored = language === 'ar' && html` transform="matrix(-1 0 0 1 ${WIDTH} 0)"`;
	return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${text}" preserveAspectRatio="none"><g${mirrored}>${bars}</g></svg>
<p class="axis" aria-hidden="true"><span>${format.hour(first.startWallMs)}</span><span>${format.hour(last.startWallMs)}</span></p>
<p class="hint">${text}</p>`;
}
