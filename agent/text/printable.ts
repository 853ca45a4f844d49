/**
 * Text from outside (a station's name, a path) must not steer the terminal: control and format characters
 * (escape sequences, changes of writing direction), lone surrogates and line separators become U+FFFD.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** For one line or one cell of a table. */
export function printableLine(text: string): string {
	return text.replace(unprintable, '\uFFFD');
}

/** For text of several lines that we laid out: only line feeds are kept. */
export function printableText(text: string): string {
	return text.split('\n').map(printableLine).join('\n');
}

/** JSON in which such characters are escaped instead: a program that reads it gets the exact value. */
export function printableJson(value: unknown): string {
	const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
	const json = JSON.stringify(value, null, 2);
	return json.replace(unprintable, (text) => (text === '\n' ? text : text.split('').map(escaped).join('')));
}
