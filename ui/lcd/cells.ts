import { transliterate } from './transliterate.ts';

/** Rows of characters, exactly as wide as the display. Everything here takes text from outside. */

/** Cut or filled to the width. */
export function fitted(text: string, columns: number): string {
	return transliterate(text).slice(0, columns).padEnd(columns);
}

export function centre(text: string, columns: number): string {
	const ascii = transliterate(text).slice(0, columns);
	return fitted(' '.repeat(Math.floor((columns - ascii.length) / 2)) + ascii, columns);
}

/**
 * The first of these pairs that fits with a blank between, one word left and one right.
 * If none does, the last one, its left word cut.
 */
export function justify(columns: number, ...pairs: readonly (readonly [left: string, right: string])[]): string {
	for (const [left, right] of pairs) {
		const words = [transliterate(left), transliterate(right)] as const;
		const blanks = columns - words[0].length - words[1].length;
		if (blanks >= 1 || (blanks >= 0 && (words[0] === '' || words[1] === ''))) {
			return words[0] + ' '.repeat(blanks) + words[1];
		}
	}
	const [left, right] = pairs.at(-1) ?? ['', ''];
	const end = transliterate(right).slice(0, columns);
	return fitted(left, Math.max(0, columns - end.length - 1)).padEnd(columns - end.length) + end;
}

/** Broken between words into at most `rows` rows; longer words are cut into pieces. What does not fit ends in two dots. */
export function wrap(text: string, { columns, rows }: { columns: number; rows: number }): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of transliterate(text)
		.split(' ')
		.filter(Boolean)
		.flatMap((long) => pieces(long, columns))) {
		if (line !== '' && line.length + 1 + word.length > columns) {
			lines.push(line);
			line = '';
		}
		line = line === '' ? word : `${line} ${word}`;
	}
	lines.push(line);
	if (lines.length > rows) {
		const last = lines[rows - 1] as string;
		lines[rows - 1] = `${last.slice(0, Math.max(0, columns - 2))}..`;
	}
	return Array.from({ length: rows }, (_, row) => (lines[row] ?? '').slice(0, columns).padEnd(columns));
}

function pieces(word: string, columns: number): string[] {
	return word.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [];
}
