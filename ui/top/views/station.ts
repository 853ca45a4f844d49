import type { HistoryRow, PackageRow, StationDetail, StationRow } from '../../../agent/status/protocol.ts';
import { drawable, inCells } from '../../../agent/text/cells.ts';
import { formatAmount, formatBytes, formatDuration, formatRate } from '../../../agent/text/format-amount.ts';
import { EVIDENCE_COLUMNS, evidenceCells, standingText } from '../../../agent/text/tethering-text.ts';
import { addressesOf, heading, nameOf, remainingSpans, STATE_STYLES } from '../figures.ts';
import { bar } from '../graph.ts';
import { type Line, lineOf, span } from '../line.ts';
import type { Size, ViewInput } from '../view-input.ts';
import { throughput } from './overview.ts';

type TetherDetection = StationDetail['tethering'];

/** One station: who it is, why it is in its state, what it does, what it bought, what happened. */
export function stationLines(input: ViewInput, area: Size): Line[] {
	const { model, state, glyphs, history } = input;
	const row = state.selected === undefined ? undefined : model?.stations.get(state.selected);
	if (!model || !row) return [lineOf(span('this station is no longer there; escape goes back', 'warn'))];
	const tethering = tetheringOf(input, row);
	const graphRows = area.rows >= 30 ? 4 : tethering === undefined ? 2 : 1;
	const graphs = (way: 'up' | 'down') =>
		throughput(history.station, way, { columns: area.columns, rows: graphRows, glyphs });
	const facts = [
		...factLines(row, input),
		lineOf(
			span(inCells('remaining', 11), 'title'),
			...remainingSpans(model, row, { cells: 40, barCells: 26, glyphs }).map(trimmed),
		),
		lineOf(
			span(`${glyphs.down} down  `, 'down'),
			span(formatRate(row.downBytesPerSecond), 'strong'),
			`   ${formatBytes(row.downBytes)} in this session`,
		),
		...graphs('down'),
		lineOf(
			span(`${glyphs.up} up  `, 'up'),
			span(formatRate(row.upBytesPerSecond), 'strong'),
			`   ${formatBytes(row.upBytes)} in this session`,
		),
		...graphs('up'),
		...classLines(row),
		...(tethering === undefined ? [] : [lineOf(span(inCells('tethering', 11), 'title'), standingText(tethering))]),
	];
	const evidence = evidenceLines(input, tethering, {
		columns: area.columns,
		rows: Math.floor((area.rows - facts.length) / 3),
	});
	const rest = Math.max(4, area.rows - facts.length - evidence.length);
	const packageRows = Math.max(2, Math.floor(rest / 2));
	return [
		...facts,
		...evidence,
		...packageLines(input, row, { columns: area.columns, rows: packageRows }),
		...eventLines(input, row, { columns: area.columns, rows: rest - packageRows }),
	];
}

/** Only of a station that has any such: most have none. */
function classLines({ own, tethered }: StationRow): Line[] {
	const limited = own === undefined ? [] : [lineOf(span(inCells('own', 11), 'title'), `its own flows are ${own}`)];
	if (tethered === undefined) return limited;
	const { upBytes, downBytes, state } = tethered;
	const figures = `${formatBytes(downBytes)} down, ${formatBytes(upBytes)} up`;
	return [
		...limited,
		lineOf(span(inCells('tethered', 11), 'title'), `${figures} of it by devices behind it; ${state}`),
	];
}

/** Undefined: nothing was heard that speaks for or against devices behind it, and nobody has said a word about it. */
function tetheringOf({ detail }: ViewInput, { mac }: StationRow): TetherDetection | undefined {
	if (detail?.mac !== mac) return undefined;
	const { tethering } = detail;
	const isSilent = tethering.evidence.length === 0 && !tethering.isTethering && tethering.pinned === undefined;
	return isSilent ? undefined : tethering;
}

/** In the words and columns of `octroi station show`; the strongest first, as many as there is room for. */
function evidenceLines({ glyphs }: ViewInput, tethering: TetherDetection | undefined, area: Size): Line[] {
	const rows = tethering?.evidence ?? [];
	if (rows.length === 0) return [];
	const cells = rows.map(evidenceCells);
	const titles = EVIDENCE_COLUMNS.map(({ title }) => title);
	const widths = [0, 1, 2].map((index) => Math.max(...[titles, ...cells].map((row) => row[index]?.length ?? 0)));
	const line = (row: readonly string[]): string =>
		[...widths.map((width, index) => inCells(row[index] ?? '', width, { right: true })), row[3] ?? ''].join('  ');
	return [
		heading(line(titles), area.columns, glyphs),
		...cells.slice(0, Math.max(1, area.rows - 1)).map((row) => lineOf(drawable(line(row), glyphs))),
	];
}

function factLines(row: StationRow, { glyphs }: ViewInput): Line[] {
	const names = [row.mac, ...(row.name === undefined ? [] : [`on ${row.device || 'no device'}`])].join(' ');
	return [
		lineOf(span(nameOf(row, glyphs), 'strong'), span(`  ${names}`, 'dim')),
		lineOf(
			span(inCells('state', 11), 'title'),
			span(row.state, STATE_STYLES[row.state]),
			`: ${drawable(row.reason, glyphs)}`,
		),
		lineOf(span(inCells('addresses', 11), 'title'), drawable(addressesOf(row).join(' ') || glyphs.dash, glyphs)),
		lineOf(
			span(inCells('account', 11), 'title'),
			row.account ?? glyphs.dash,
			...(row.meter === undefined ? [] : [span(`   meter ${row.meter}, session ${row.session}`, 'dim')]),
		),
	];
}

function trimmed<Part extends { text: string }>(part: Part): Part {
	return { ...part, text: part.text.replace(/^ {2,}/, ' ') };
}

function packageLines({ detail, glyphs, timeText }: ViewInput, row: StationRow, area: Size): Line[] {
	const title = heading('Packages, in the order in which they are spent', area.columns, glyphs);
	const packages = detail?.mac === row.mac ? detail.account?.packages : undefined;
	if (!packages) return [title, lineOf(span(row.account ? 'asking the agent' : 'no account', 'dim'))];
	if (packages.length === 0) return [title, lineOf(span('nothing is left', 'bad'))];
	const line = ({ plan, unit, amount, remaining, reserved, expiresAt, leftSeconds }: PackageRow): Line =>
		lineOf(
			`${inCells(plan, 13, glyphs)} `,
			span(bar(remaining / amount, { columns: 8, glyphs }), 'good'),
			inCells(`${formatAmount(unit, remaining)} of ${formatAmount(unit, amount)}`, 25, { right: true }),
			span(reserved > 0 ? `  ${formatAmount(unit, reserved)} granted` : '', 'dim'),
			span(expiresAt === undefined ? '' : `  to ${timeText(expiresAt).slice(0, 10)}`, 'dim'),
			span(leftSeconds === undefined ? '' : `  for ${formatDuration(leftSeconds)}`, 'dim'),
		);
	return [title, ...packages.slice(0, area.rows - 1).map(line)];
}

function eventLines({ detail, glyphs, timeText }: ViewInput, row: StationRow, area: Size): Line[] {
	const title = heading('Events of the account', area.columns, glyphs);
	const events = detail?.mac === row.mac ? detail.events : [];
	const line = ({ wallMs, text, unit, amount, planName }: HistoryRow): Line =>
		lineOf(
			span(`${timeText(wallMs)}  `, 'dim'),
			inCells(formatAmount(unit, amount), 14, { right: true }),
			`  ${text}`,
			span(planName === undefined ? '' : `  ${planName}`, 'dim'),
		);
	return [title, ...events.slice(0, Math.max(0, area.rows - 1)).map(line)];
}
