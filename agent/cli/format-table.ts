import { printableLine } from '../text/printable.ts';

export type Column = { title: string; align?: 'right' };

/** Columns two spaces apart, as wide as their widest cell. Without rows: `none` alone. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[], none: string): string {
	if (rows.length === 0) {
		return `${none}\n`;
	}
	const lines = [columns.map((column) => column.title), ...rows].map((cells) => cells.map(printableLine));
	const widths = columns.map((_, index) => Math.max(...lines.map((cells) => widthOf(cells[index] ?? ''))));
	return lines
		.map((cells) => {
			const padded = cells.map((cell, index) => {
				const space = ' '.repeat((widths[index] as number) - widthOf(cell));
				return columns[index]?.align === 'right' ? space + cell : cell + space;
			});
			return `${padded.join('  ').trimEnd()}\n`;
		})
		.join('');
}

/** A name and a value a line. */
export function formatFields(fields: readonly (readonly [name: string, value: string])[]): string {
	const width = Math.max(...fields.map(([name]) => name.length));
	return fields.map(([name, value]) => `${name.padEnd(width)}  ${printableLine(value)}\n`).join('');
}

/** Code points, with those of East Asian scripts and pictures counted twice, as terminals do. */
function widthOf(text: string): number {
	let width = 0;
	for (const character of text) {
		width += /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}]/u.test(
			character,
		)
			? 2
			: 1;
	}
	return width;
}
