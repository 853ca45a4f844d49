import { drawable } from '../../agent/text/cells.ts';
import { formatDuration } from '../../agent/text/format-amount.ts';
import { fitLine, justify, type Line, lineOf, type Span, span } from './line.ts';
import type { ScreenName } from './top-state.ts';
import type { Size, ViewInput } from './view-input.ts';
import { dialogLines } from './views/dialog.ts';
import { helpLines } from './views/help.ts';
import { ledgerLines } from './views/ledger.ts';
import { overviewLines } from './views/overview.ts';
import { stationLines } from './views/station.ts';
import { stationsLines } from './views/stations.ts';
import { systemLines } from './views/system.ts';

/** Smaller screens show what fits, from the top left. */
const COLUMNS_MIN = 40;
const ROWS_MIN = 8;
/** Header, tabs, a line of news and the keys. */
const FRAME_ROWS = 4;

const VIEWS: Record<ScreenName, (input: ViewInput, area: Size) => Line[]> = {
	overview: overviewLines,
	stations: stationsLines,
	station: stationLines,
	ledger: ledgerLines,
	system: systemLines,
};

/** The whole screen: exactly as many lines as it has rows, each exactly as wide as it is. */
export function frameOf(input: ViewInput): Line[] {
	const size = { columns: Math.max(COLUMNS_MIN, input.size.columns), rows: Math.max(ROWS_MIN, input.size.rows) };
	const area = bodyArea(size, input.banner.length);
	const ascii = input.glyphs.ascii;
	const body = (input.state.help ? helpLines(input, area) : bodyLines(input, area)).slice(0, area.rows);
	while (body.length < area.rows) body.push([]);
	const dialog = dialogLines(input, { columns: area.columns, rows: area.rows });
	body.splice(area.rows - dialog.length, dialog.length, ...dialog);
	const lines = [
		headerLine(input, size),
		tabsLine(input),
		...bannerLines(input),
		...body,
		newsLine(input),
		keysLine(input),
	];
	return lines
		.slice(0, input.size.rows)
		.map((line) => fitLine(fitLine(line, size.columns, { ascii }), input.size.columns, { ascii }))
		.map((line) => (ascii ? line.map(asciiSpan) : line));
}

/** The last guard of a serial console: every character that is not ASCII is one cell of another. */
function asciiSpan(part: Span): Span {
	return { ...part, text: part.text.replace(/[^ -~]/gu, (character) => (character === '…' ? '~' : '?')) };
}

/** What is left for a screen between the frame's own lines and the banner. */
export function bodyArea({ columns, rows }: Size, bannerRows: number): Size {
	return { columns, rows: Math.max(1, rows - FRAME_ROWS - bannerRows) };
}

function bannerLines({ banner, glyphs }: ViewInput): Line[] {
	return banner.map((text) => lineOf(span(` ${drawable(text, glyphs)}`, 'strong')));
}

function bodyLines(input: ViewInput, area: Size): Line[] {
	if (input.model) return VIEWS[input.state.screen](input, area);
	const lost = input.link.state === 'lost';
	return [
		[],
		lineOf(span(lost ? '  The agent cannot be reached.' : '  Connecting to the agent.', lost ? 'bad' : 'plain')),
		...(input.link.state === 'lost' ? [lineOf(`  ${drawable(input.link.reason, input.glyphs)}`)] : []),
	];
}

function headerLine({ model, link, nowMs, glyphs, timeText }: ViewInput, { columns }: Size): Line {
	const left: Span[] = [span(' octroi', 'tab'), span(model ? ` ${model.agent.version}` : '', 'tab')];
	if (model) left.push(span(`  ${drawable(model.agent.devices.metered.join(' '), glyphs)}`, 'tab'));
	const right =
		link.state === 'live' && model
			? `up ${formatDuration(model.agent.upSeconds)}  ${timeText(model.atMs)} `
			: link.state === 'lost'
				? `AGENT LOST for ${formatDuration((nowMs - link.sinceMs) / 1000)}, next try in ${Math.max(0, Math.ceil((link.nextTryMs - nowMs) / 1000))} s `
				: 'connecting ';
	return justify(left, [span(right, 'tab')], columns, { style: 'tab', ascii: glyphs.ascii });
}

const TABS: readonly { key: string; title: string; screens: readonly ScreenName[] }[] = [
	{ key: '1', title: 'Overview', screens: ['overview'] },
	{ key: '2', title: 'Stations', screens: ['stations', 'station'] },
	{ key: '3', title: 'Ledger', screens: ['ledger'] },
	{ key: '4', title: 'System', screens: ['system'] },
];

function tabsLine({ state, refusal }: ViewInput): Line {
	return [
		...TABS.flatMap(({ key, title, screens }) => {
			const isOpen = screens.includes(state.screen) && !state.help;
			return [
				span(` ${key} `, 'key', key),
				span(isOpen ? `[${title}]` : ` ${title} `, isOpen ? 'strong' : 'plain', key),
			];
		}),
		span(refusal === undefined ? '' : '   read-only', 'dim'),
	];
}

function newsLine({ state, link, glyphs }: ViewInput): Line {
	if (state.message) return lineOf(span(` ${drawable(state.message.text, glyphs)}`, state.message.style));
	if (link.state === 'lost') {
		return lineOf(span(` the figures are old: ${drawable(link.reason, glyphs)}`, 'bad'));
	}
	return [];
}

function keysLine({ state, refusal }: ViewInput): Line {
	const keys: (readonly [string, string, string])[] = [
		['?', 'help', '?'],
		['q', 'quit', 'q'],
	];
	if (state.screen === 'stations' || state.screen === 'station') {
		if (state.screen === 'stations') keys.push(['enter', 'open', 'enter'], ['/', 'filter', '/'], ['s', 'sort', 's']);
		else keys.push(['esc', 'back', 'escape']);
		if (refusal === undefined)
			keys.push(['b', 'block', 'b'], ['u', 'unblock', 'u'], ['t', 'top up', 't'], ['d', 'detach', 'd']);
	} else {
		keys.push(['tab', 'next', 'tab']);
	}
	return keys.flatMap(([key, title, press]) => [span(` ${key}`, 'key', press), span(` ${title} `, 'plain', press)]);
}
