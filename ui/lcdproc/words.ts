/**
 * A line of the LCDproc protocol is words between blanks; a word with blanks or nothing in it is quoted (LCDd, server/parse.c).
 */

/** The longest line that LCDd takes whole: its ring buffer (`MAXMSG`, server/sock.c) less the line feed. */
export const LINE_BYTES_MAX = 8191;

/** What LCDd reads as a blank or as the end of a line, or would show as something that no display has. */
const unsendable = /[^\x20-\x7e]/g;
const plain = /^[A-Za-z0-9_.:+-]+$/;

/** One command as the line to send, without its line feed. What is not printable ASCII is sent as a question mark. */
export function encodeWords(words: readonly (string | number)[]): string {
	return words.map((word) => encodeWord(String(word))).join(' ');
}

function encodeWord(word: string): string {
	const sendable = word.replace(unsendable, '?');
	return plain.test(sendable) ? sendable : `"${sendable.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * The words of one line, read as LCDd does: `"…"` and `{…}` quote, a backslash takes the next character as it is
 * (but `\n`, `\r` and `\t` are the control characters), a closing quote ends the word.
 * Undefined if a quote is left open or a backslash ends the line.
 */
export function decodeWords(line: string): string[] | undefined {
	const words: string[] = [];
	let word: string | undefined;
	let quote = '';
	for (let index = 0; index < line.length; index += 1) {
		const character = line[index] as string;
		if (character === '\\') {
			index += 1;
			const escaped = line[index];
			if (escaped === undefined) {
				return undefined;
			}
			word = (word ?? '') + (CONTROLS[escaped] ?? escaped);
		} else if (quote === '' && (character === '"' || character === '{')) {
			quote = character === '{' ? '}' : '"';
			word ??= '';
		} else if (character === quote || (quote === '' && /[ \t\r]/.test(character))) {
			if (word !== undefined) {
				words.push(word);
			}
			word = undefined;
			quote = '';
		} else {
			word = (word ?? '') + character;
		}
	}
	if (word !== undefined) {
		words.push(word);
	}
	return quote === '' ? words : undefined;
}

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
