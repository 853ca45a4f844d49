import { bytesText, timeText } from './format.ts';
import { type Html, html } from './html.ts';

const WIDTH = 960;
const HEIGHT = 120;
const GAP = 2;
const HOUR_MS = 3_600_000;

/** Bytes of the last hours as bars, and in words for those who do not see them. */
export function usageChart(
	rows: readonly { hour: number; amount: number }[],
	{ now, hours }: { now: number; hours: number },
): Html {
	const last = Math.floor(now / HOUR_MS) * HOUR_MS;
	const sums = new Map<number, number>();
	for (const { hour, amount } of rows) sums.set(hour, (sums.get(hour) ?? 0) + amount);
	const bars = Array.from({ length: hours }, (_, index) => sums.get(last - (hours - 1 - index) * HOUR_MS) ?? 0);
	const most = Math.max(...bars);
	const total = bars.reduce((sum, bytes) => sum + bytes, 0);
	const words = `${bytesText(total)} in ${hours} hours, at most ${bytesText(most)} in one`;
	const step = WIDTH / hours;
	const drawn = bars.map((bytes, index) => {
		const height = bytes === 0 ? 0 : Math.max(2, Math.round((HEIGHT * bytes) / most));
		return html`<rect x="${Math.round(index * step * 10) / 10}" y="${HEIGHT - height}" width="${Math.round((step - GAP) * 10) / 10}" height="${height}"/>`;
	});
	return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${words}">${drawn}</svg>
<p class="axis" aria-hidden="true"><span>${timeText(last - (hours - 1) * HOUR_MS)}</span><span>${words}</span><span>${timeText(last)} UTC</span></p>`;
}
