import type { Screen } from '../../../ui/lcdproc/screen.ts';
import type { CharacterDisplay } from '../../../ui/lcdproc/server-message.ts';

/** What a display of this size shows of a screen: bars as `=` a character, big digits as their own three columns wide. */
export function screenText(screen: Screen, { columns, rows, cellWidth }: CharacterDisplay): string {
	const cells = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ' '));
	const put = (row: number, column: number, text: string) => {
		for (const [index, character] of [...text].entries()) {
			const line = cells[row - 1];
			if (line === undefined || column - 1 + index >= columns) {
				throw new Error(`${screen.id} draws beyond the display: row ${row}, ${JSON.stringify(text)}`);
			}
			line[column - 1 + index] = character;
		}
	};
	for (const widget of screen.widgets) {
		if (widget.kind === 'string') {
			put(widget.row, widget.column, widget.text);
		} else if (widget.kind === 'hbar') {
			put(widget.row, widget.column, '='.repeat(Math.round(widget.length / cellWidth)));
		} else if (widget.kind === 'scroller') {
			put(widget.row, widget.column, widget.text.slice(0, widget.columns).padEnd(widget.columns));
		} else {
			for (let row = 1; row <= rows; row += 1) {
				put(row, widget.column, widget.digit === 10 ? ':' : String(widget.digit).repeat(3));
			}
		}
	}
	const edge = `+${'-'.repeat(columns)}+`;
	return [edge, ...cells.map((line) => `|${line.join('')}|`), edge].join('\n');
}
