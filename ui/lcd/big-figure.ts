import type { ScreenWidget } from '../lcdproc/screen.ts';

/** LCDd's big digits are three columns wide, its colon is one (server/drivers/adv_bignum.c). */
const DIGIT_COLUMNS = 3;
const COLON = 10;

/** A figure such as `4.50` or `1:05` in big digits from the first column on, or undefined if it leaves no room for words. */
export function bigFigure(text: string, columns: number): { columns: number; widgets: ScreenWidget[] } | undefined {
	const widgets: ScreenWidget[] = [];
	let column = 1;
	for (const character of text) {
		if (character === ':') {
			widgets.push({ kind: 'num', column, digit: COLON });
			column += 1;
		} else if (character === '.') {
			widgets.push({ kind: 'string', column, row: 4, text: '.' });
			column += 1;
		} else {
			widgets.push({ kind: 'num', column, digit: Number(character) });
			column += DIGIT_COLUMNS;
		}
	}
	const used = column - 1;
	return columns - used - 1 < WORDS_COLUMNS_MIN ? undefined : { columns: used, widgets };
}

/** `MB left`, cut where there is no room. */
const WORDS_COLUMNS_MIN = 6;
