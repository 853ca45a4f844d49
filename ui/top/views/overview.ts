import { STATION_STATES } from '../../../agent/status/protocol.ts';
import { drawable, inCells } from '../../../agent/text/cells.ts';
import { formatAmount, formatBytes, formatRate } from '../../../agent/text/format-amount.ts';
import { amountsText, heading, STATE_STYLES } from '../figures.ts';
import { graph, niceScale } from '../graph.ts';
import type { Rates } from '../history.ts';
import { beside, type Line, lineOf, type Style, span } from '../line.ts';
import type { Size, ViewInput } from '../view-input.ts';

/** Is it working, who is on, what was sold, is the carrier reachable. */
export function overviewLines(input: ViewInput, area: Size): Line[] {
	const { model, history, glyphs } = input;
	if (!model) return [];
	const graphRows = Math.max(2, Math.min(8, Math.floor((area.rows - 13) / 2)));
	const half = Math.floor((area.columns - 2) / 2);
	const { traffic } = model;
	const rates = (way: 'up' | 'down') =>
		throughput(history.total, way, { columns: area.columns, rows: graphRows, glyphs });
	const lines = [
		graphHeading(`${glyphs.down} down`, traffic.downBytesPerSecond, traffic.downBytes, 'down'),
		...rates('down'),
		graphHeading(`${glyphs.up} up`, traffic.upBytesPerSecond, traffic.upBytes, 'up'),
		...rates('up'),
		[],
		...beside(stationBlock(input, half), soldBlock(input, area.columns - half - 2), half),
		[],
	];
	return [...lines, ...alertBlock(input, area.columns, area.rows - lines.length)];
}

function graphHeading(name: string, bytesPerSecond: number, bytes: number, style: Style): Line {
	return lineOf(
		span(name, style),
		'  ',
		span(formatRate(bytesPerSecond), 'strong'),
		span(`   ${formatBytes(bytes)} since the agent started`, 'dim'),
	);
}

/** ` 20.0 Mbit/s` */
const LABEL_CELLS = 12;

/** With the scale at its top right. */
export function throughput(
	samples: readonly Rates[],
	way: 'up' | 'down',
	{ columns, rows, glyphs }: { columns: number; rows: number; glyphs: ViewInput['glyphs'] },
): Line[] {
	const values = samples.map((sample) => sample[way]);
	const scale = niceScale(Math.max(1000, ...values.slice(-columns)) * 8) / 8;
	const label = inCells(formatRate(scale), LABEL_CELLS, { right: true });
	const drawn = graph(values, { columns: columns - label.length, rows, scale, glyphs });
	return drawn.map((text, index) => lineOf(span(text, way), span(index === 0 ? label : '', 'dim')));
}

function stationBlock({ model, glyphs }: ViewInput, cells: number): Line[] {
	if (!model) return [];
	const { counts, uplink, carrier } = model;
	const shown = STATION_STATES.toSorted((left, right) => ORDER.indexOf(left) - ORDER.indexOf(right));
	const cell = (state: (typeof STATION_STATES)[number]) => [
		span(inCells(String(counts[state]), 6, { right: true }), counts[state] > 0 ? STATE_STYLES[state] : 'dim'),
		span(` ${inCells(state, 11)}`, counts[state] > 0 ? 'plain' : 'dim'),
	];
	return [
		heading('Stations', cells, glyphs),
		...[0, 2, 4].map((index) => shown.slice(index, index + 2).flatMap(cell)),
		lineOf(
			span(inCells('Uplink', 9), 'title'),
			uplink === null
				? span('no default route', 'bad')
				: span(`${drawable(uplink.device, glyphs)} ${uplink.up ? 'up' : 'down'}`, uplink.up ? 'good' : 'bad'),
		),
		lineOf(
			span(inCells('Carrier', 9), 'title'),
			span(
				drawable(carrier.text, glyphs),
				carrier.state === 'connected' ? 'good' : carrier.state === 'offline' ? 'bad' : 'dim',
			),
		),
	];
}

/** What matters first. */
const ORDER = ['active', 'throttled', 'blocked', 'walled', 'gone', 'unknown'];
const SOLD_PLANS_MAX = 3;

function soldBlock({ model, glyphs }: ViewInput, cells: number): Line[] {
	if (!model) return [];
	const { sold } = model;
	const total = sold.count === 0 ? 'nothing yet' : `${sold.count} ${sold.count === 1 ? 'plan' : 'plans'}`;
	const amounts = sold.count === 0 ? '' : `  ${amountsText(sold, glyphs)}`;
	return [
		heading('Sold today', cells, glyphs),
		lineOf(span(total, sold.count === 0 ? 'dim' : 'strong'), amounts),
		...sold.plans
			.slice(0, SOLD_PLANS_MAX)
			.map(({ plan, count, unit, amount }) =>
				lineOf(
					span(inCells(String(count), 4, { right: true })),
					` ${inCells(plan, Math.max(8, cells - 20), glyphs)}`,
					span(inCells(formatAmount(unit, amount), 14, { right: true }), 'dim'),
				),
			),
		...(sold.plans.length > SOLD_PLANS_MAX
			? [lineOf(span(`     and ${sold.plans.length - SOLD_PLANS_MAX} more: press 3`, 'dim'))]
			: []),
	];
}

function alertBlock({ model, glyphs }: ViewInput, cells: number, rows: number): Line[] {
	const warnings = model?.warnings ?? [];
	const none = lineOf(span('none', 'good'));
	const shown = warnings.flatMap((warning) => wrapped(`! ${drawable(warning, glyphs)}`, cells));
	const cut = shown.length > rows - 1 ? [...shown.slice(0, rows - 2), `  … and more: octroi status`] : shown;
	return [
		heading('Alerts', cells, glyphs),
		...(warnings.length === 0 ? [none] : cut.map((text) => lineOf(span(text, 'warn')))),
	];
}

/** Broken at spaces; continued lines are indented. */
function wrapped(text: string, cells: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		if (line !== '' && line.length + 1 + word.length > cells) {
			lines.push(line);
			line = `  ${word}`;
		} else {
			line = line === '' ? word : `${line} ${word}`;
		}
	}
	return [...lines, line];
}
