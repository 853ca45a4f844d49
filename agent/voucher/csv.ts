/** One row as the spreadsheet shows it: its number, from 1, and its cells without blanks at their ends. */
export type CsvRow = { readonly number: number; readonly cells: readonly string[] };

const DELIMITERS = [',', ';', '\t', '|'] as const;
/** A line that says which character stands between cells; spreadsheets write and hide it. */
const SEPARATOR_LINE = /^"?sep=(.)"?[ \t]*(?:\r\n|\r|\n|$)/i;
const LAST_LINE_END = /(?:\r\n|\r|\n)$/;

/**
 * Reads comma-separated values (RFC 4180) as spreadsheets save them again: semicolons, tabs or bars between cells, quoted cells, every line end,
 * a `sep=` line, rows of nothing but delimiters, a whole row in one pair of quotes. Rows without content are left out, but counted.
 */
export function parseCsv(text: string): CsvRow[] {
	const separator = SEPARATOR_LINE.exec(text);
	const content = (separator === null ? text : text.slice(separator[0].length)).replace(LAST_LINE_END, '');
	const delimiter = separator?.[1] ?? delimiterOf(content);
	const rows = split(content, delimiter).map((cells) => cells.map(trimmed));
	const isQuotedWhole = rows.every((cells) => cells.filter((cell) => cell !== '').length <= 1);
	const read = isQuotedWhole ? rows.map(([cell = '']) => (split(cell, delimiterOf(cell))[0] ?? []).map(trimmed)) : rows;
	return read
		.map((cells, index) => ({ number: index + 1, cells }))
		.filter(({ cells }) => cells.some((cell) => cell !== ''));
}

/** The one that stands most often in the first line that has any. */
function delimiterOf(text: string): string {
	const head = (/^\s*([^\r\n]+)/.exec(text)?.[1] ?? '').replace(/"(?:[^"]|"")*"/g, '');
	const counts = DELIMITERS.map((delimiter) => head.split(delimiter).length);
	return DELIMITERS[counts.indexOf(Math.max(...counts))] as string;
}

function split(text: string, delimiter: string): string[][] {
	const rows: string[][] = [];
	let row: string[] = [];
	let cell = '';
	let isQuoted = false;
	const endCell = () => {
		row.push(cell);
		cell = '';
	};
	for (let at = 0; at < text.length; at++) {
		const character = text[at] as string;
		if (isQuoted) {
			if (character !== '"') cell += character;
			else if (text[at + 1] === '"') cell += text[++at];
			else isQuoted = false;
		} else if (character === '"' && cell.trim() === '') {
			isQuoted = true;
			cell = '';
		} else if (character === delimiter) {
			endCell();
		} else if (character === '\r' || character === '\n') {
			if (character === '\r' && text[at + 1] === '\n') at += 1;
			endCell();
			rows.push(row);
			row = [];
		} else {
			cell += character;
		}
	}
	endCell();
	return [...rows, row];
}

/** Blanks of every kind, and characters without a width. */
function trimmed(cell: string): string {
	return cell.replace(/^[\s\u200b\u2060\ufeff]+|[\s\u200b\u2060\ufeff]+$/g, '');
}
