import { printableLine } from './printable.ts';

/**
 * Text from outside, laid out in the cells of a terminal. Whatever a terminal could draw wider, narrower, or elsewhere than
 * we think is replaced before it gets there, so that columns stay columns.
 */

/** Two cells wide: East Asian wide and fullwidth (Unicode Standard Annex 11), and emoji that are drawn as pictures. */
const WIDE =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\uAC00-\uD7A3\u3000-\u303E\u3200-\u33FF\uFF01-\uFF60\uFFE0-\uFFE6\p{Emoji_Presentation}]/u;
/** Narrow in spite of its script. */
const HALF_WIDTH = /[\uFF61-\uFFDC]/u;
/** Terminals with and without bidirectional layout draw these at different places. */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFE\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
/** Drawn onto the letter before, or onto nothing; or joined to it (Hangul Jamo); or of unknown width. */
const MARK = /\p{M}/gu;
const UNKNOWN = /[\p{Co}\p{Cn}\u1100-\u11FF\uA960-\uA97F\uD7B0-\uD7FF]/u;
const REPLACEMENT = '\uFFFD';

/** What may be drawn of a text: one line, no escape sequences, no marks, every character of a known width. */
export function drawable(text: string, { ascii = false }: { ascii?: boolean } = {}): string {
	if (/^[ -~]*$/.test(text)) return text;
	if (ascii) return printableLine(text.normalize('NFD').replace(MARK, '')).replace(/[^ -~]/gu, '?');
	const composed = printableLine(text.normalize('NFC').replace(MARK, ''));
	let drawn = '';
	for (const character of composed) {
		drawn += RIGHT_TO_LEFT.test(character) || UNKNOWN.test(character) ? REPLACEMENT : character;
	}
	return drawn;
}

/** Cells of one drawable character: 1 or 2. */
export function characterCells(character: string): 1 | 2 {
	return character > '\u10FF' && WIDE.test(character) && !HALF_WIDTH.test(character) ? 2 : 1;
}

/** Cells of a drawable text. */
export function cellsOf(text: string): number {
	if (/^[ -~]*$/.test(text)) return text.length;
	let cells = 0;
	for (const character of text) cells += characterCells(character);
	return cells;
}

/** Exactly so many cells of a drawable text: cut (with `…`, or `~` in ASCII), or filled with spaces. */
export function inCells(text: string, cells: number, { right = false, ascii = false } = {}): string {
	if (cells <= 0) return '';
	const used = cellsOf(text);
	if (used <= cells) {
		const space = ' '.repeat(cells - used);
		return right ? space + text : text + space;
	}
	let cut = '';
	let width = 0;
	for (const character of text) {
		const next = characterCells(character);
		if (width + next > cells - 1) break;
		cut += character;
		width += next;
	}
	return `${cut}${ascii ? '~' : '…'}${' '.repeat(cells - 1 - width)}`;
}
