import { cellsOf, inCells } from '../../agent/text/cells.ts';

/** What a piece of text means; a theme says how it looks. */
export type Style =
	| 'plain'
	| 'dim'
	| 'strong'
	| 'title'
	| 'good'
	| 'warn'
	| 'bad'
	| 'up'
	| 'down'
	| 'selected'
	| 'tab'
	| 'key';

/** `press`: what a click on it does, the name of a key (see `press.ts`). */
export type Span = { readonly text: string; readonly style: Style; readonly press?: string };

/** One line of the screen. Its texts are drawable: no control characters, known widths. */
export type Line = readonly Span[];

export function span(text: string, style: Style = 'plain', press?: string): Span {
	return press === undefined ? { text, style } : { text, style, press };
}

export function lineOf(...parts: readonly (string | Span)[]): Line {
	return parts.map((part) => (typeof part === 'string' ? span(part) : part));
}

export function lineText(line: Line): string {
	return line.map(({ text }) => text).join('');
}

export function lineCells(line: Line): number {
	return line.reduce((sum, { text }) => sum + cellsOf(text), 0);
}

/** Exactly so many cells: cut, or filled with spaces of the given style. */
export function fitLine(line: Line, cells: number, { style = 'plain' as Style, ascii = false } = {}): Line {
	const fitted: Span[] = [];
	let left = cells;
	for (const part of line) {
		if (left === 0) break;
		const used = cellsOf(part.text);
		const text = used <= left ? part.text : inCells(part.text, left, { ascii });
		fitted.push({ ...part, text });
		left -= Math.min(used, left);
	}
	return left > 0 ? [...fitted, span(' '.repeat(left), style)] : fitted;
}

/** The left part at the left, the right one at the right; the left one is cut if both do not fit. */
export function justify(
	left: Line,
	right: Line,
	cells: number,
	options: { style?: Style; ascii?: boolean } = {},
): Line {
	return [...fitLine(left, Math.max(0, cells - lineCells(right)), options), ...right];
}

/** Two columns of lines side by side. */
export function beside(left: readonly Line[], right: readonly Line[], leftCells: number, gap = 2): Line[] {
	const count = Math.max(left.length, right.length);
	return Array.from({ length: count }, (_, index) => [
		...fitLine(left[index] ?? [], leftCells),
		span(' '.repeat(gap)),
		...(right[index] ?? []),
	]);
}

/** What a click there does. Column and row from 0. */
export function pressAt(lines: readonly Line[], column: number, row: number): string | undefined {
	let end = 0;
	for (const { text, press } of lines[row] ?? []) {
		end += cellsOf(text);
		if (column < end) return press;
	}
	return undefined;
}
