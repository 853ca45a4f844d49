import type { StationRow } from '../../../agent/status/protocol.ts';
import { drawable, inCells } from '../../../agent/text/cells.ts';
import type { StatusModel } from '../../feed/merge.ts';
import { addressesOf, bytesText, nameOf, rateText, remainingSpans, STATE_STYLES } from '../figures.ts';
import type { Glyphs } from '../glyphs.ts';
import { fitLine, type Line, lineOf, type Span, span } from '../line.ts';
import { cursorOf } from '../press.ts';
import type { SortKey } from '../station-order.ts';
import type { Size, ViewInput } from '../view-input.ts';

type Column = {
	title: string;
	cells: number;
	right?: true;
	sort?: SortKey;
	spans(row: StationRow, context: { model: StatusModel; glyphs: Glyphs }): Span[];
};

/** Everybody, one line each; only the lines that are seen are made. */
export function stationsLines(input: ViewInput, area: Size): Line[] {
	const { model, rows, state, glyphs } = input;
	if (!model) return [];
	const cursor = cursorOf(state, rows);
	const listRows = stationListRows(area);
	const first = firstVisible(cursor, rows.length, listRows);
	const columns = columnsFor(area.columns, model);
	const selected = rows[cursor];
	const list = rows.slice(first, first + listRows).map((row, index) => {
		const line = fitLine(rowLine(columns, row, { model, glyphs }), area.columns);
		return clickable(first + index === cursor ? chosen(line) : line, `pick ${row.mac}`);
	});
	while (list.length < listRows) list.push([]);
	return [
		filterLine(input, { first, listRows }),
		headLine(columns, input),
		...list,
		selected ? reasonLine(selected, glyphs) : lineOf(span('no station matches', 'dim')),
	];
}

/** Without the filter, the head and the reason. */
export function stationListRows(area: Size): number {
	return Math.max(1, area.rows - 3);
}

/** The cursor stays within the middle of the list where it can. */
function firstVisible(cursor: number, count: number, listRows: number): number {
	return Math.max(0, Math.min(cursor - Math.floor(listRows / 2), count - listRows));
}

/** From so many cells on there is room for every column. */
const WIDE_CELLS = 120;

function columnsFor(cells: number, model: StatusModel): Column[] {
	const wide = cells >= WIDE_CELLS;
	// Most venues have nobody who tethers, and 80 cells are few.
	const split = wide || hasTethered(model) ? [tetheredColumn(wide)] : [];
	const [accountCells, remainingCells, barCells] = wide ? [16, 20, 8] : split.length > 0 ? [9, 15, 3] : [10, 18, 6];
	const columns: Column[] = [
		{
			title: 'STATION',
			cells: wide ? 20 : 17,
			sort: 'name',
			spans: (row, { glyphs }) => [span(inCells(nameOf(row, glyphs), wide ? 20 : 17, glyphs))],
		},
		...(wide ? [{ title: 'MAC', cells: 17, spans: ({ mac }: StationRow) => [span(mac, 'dim')] } satisfies Column] : []),
		{ title: 'STATE', cells: 9, sort: 'state', spans: ({ state }) => [span(inCells(state, 9), STATE_STYLES[state])] },
		{
			title: 'ACCOUNT',
			cells: accountCells,
			sort: 'account',
			spans: ({ account }, { glyphs }) => [span(inCells(account ?? glyphs.dash, accountCells, glyphs))],
		},
		{
			title: 'RATE',
			cells: 11,
			right: true,
			sort: 'rate',
			spans: ({ upBytesPerSecond: up, downBytesPerSecond: down }, { glyphs }) => [
				span(inCells(rateText(up + down, glyphs), 11, { right: true }), up + down > 0 ? 'strong' : 'dim'),
			],
		},
		{
			title: 'DOWN+UP',
			cells: 9,
			right: true,
			sort: 'bytes',
			spans: ({ upBytes, downBytes }, { glyphs }) => [
				span(inCells(bytesText(upBytes + downBytes, glyphs), 9, { right: true })),
			],
		},
		...split,
		{
			title: 'REMAINING',
			cells: remainingCells,
			right: true,
			sort: 'remaining',
			spans: (row, { model, glyphs }) => remainingSpans(model, row, { cells: remainingCells, barCells, glyphs }),
		},
	];
	if (!wide) return columns;
	const used = columns.reduce((sum, column) => sum + column.cells + 1, 0);
	return [
		...columns,
		{
			title: 'REASON',
			cells: Math.max(8, cells - used),
			spans: ({ reason }, { glyphs }) => [span(drawable(reason, glyphs), 'dim')],
		},
	];
}

const TETHERED_STYLES = { allowed: 'plain', slowed: 'warn', blocked: 'bad' } as const;

/** How much of the bytes was of devices behind the station: in bytes, or, where there is little room, in hundredths. */
function tetheredColumn(wide: boolean): Column {
	const cells = wide ? 9 : 4;
	return {
		title: wide ? 'TETHERED' : 'TETH',
		cells,
		right: true,
		spans: ({ tethered, upBytes, downBytes }, { glyphs }) => {
			if (tethered === undefined) return [span(inCells(glyphs.dash, cells, { right: true }), 'dim')];
			const bytes = tethered.upBytes + tethered.downBytes;
			const percent = Math.round((bytes / Math.max(1, upBytes + downBytes)) * 100);
			const text = wide ? bytesText(bytes, glyphs) : `${percent}%`;
			return [span(inCells(text, cells, { right: true }), TETHERED_STYLES[tethered.state])];
		},
	};
}

function hasTethered({ stations }: StatusModel): boolean {
	for (const { tethered } of stations.values()) if (tethered !== undefined) return true;
	return false;
}

function rowLine(columns: readonly Column[], row: StationRow, context: { model: StatusModel; glyphs: Glyphs }): Line {
	return columns.flatMap((column, index) => [...(index > 0 ? [span(' ')] : []), ...column.spans(row, context)]);
}

function headLine(columns: readonly Column[], { state, glyphs }: ViewInput): Line {
	return columns.flatMap(({ title, cells, right, sort }, index) => {
		const arrow = sort === state.sort ? (state.reverse ? glyphs.ascending : glyphs.descending) : '';
		return [
			...(index > 0 ? [span(' ')] : []),
			span(inCells(title + arrow, cells, { right: right ?? false }), sort === state.sort ? 'strong' : 'title', 's'),
		];
	});
}

function filterLine(
	{ rows, model, state, glyphs }: ViewInput,
	{ first, listRows }: { first: number; listRows: number },
): Line {
	const total = model?.stations.size ?? 0;
	const shown = `${rows.length === 0 ? 0 : first + 1}-${Math.min(rows.length, first + listRows)} of ${rows.length}`;
	const hidden = rows.length === total ? '' : ` (${total} in all)`;
	const filter = state.typing
		? [
				span('  filter: '),
				span(`${drawable(state.filter, glyphs)}_`, 'selected'),
				span('  enter keeps it, escape ends it', 'dim'),
			]
		: state.filter === ''
			? []
			: [span('  filter: '), span(drawable(state.filter, glyphs), 'strong')];
	return lineOf(span('Stations ', 'title'), `${shown}${hidden}`, span(`  by ${state.sort}`, 'dim'), ...filter);
}

/** Below the list: what does not fit into it. */
function reasonLine(row: StationRow, glyphs: Glyphs): Line {
	return lineOf(
		span(`${glyphs.cursor} `, 'strong'),
		span(row.state, STATE_STYLES[row.state]),
		`: ${drawable(row.reason, glyphs)}`,
		span(row.tethered === undefined ? '' : ` ${glyphs.separator} tethered: ${row.tethered.state}`),
		span(` ${glyphs.separator} ${row.mac} ${addressesOf(row)[0] ?? ''}`, 'dim'),
	);
}

function chosen(line: Line): Line {
	return line.map((part) => ({ ...part, style: 'selected' as const }));
}

function clickable(line: Line, press: string): Line {
	return line.map((part) => ({ ...part, press }));
}
