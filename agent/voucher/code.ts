import { checkSymbol, SYMBOLS } from './alphabet.ts';

declare const brand: unique symbol;
/** A code as it is hashed: upper case, without spaces and dashes, its check symbol right. A secret: never logged. */
export type Code = string & { readonly [brand]: 'code' };

/** Both with prefix and check symbol. */
export const CODE_SYMBOLS_MIN = 6;
export const CODE_SYMBOLS_MAX = 32;
/**
 * Why a text cannot be a code. None of these is worth a guess: anybody can compute them. `several`: it has two different codes; `network`: it is
 * the QR code that joins the Wi-Fi.
 */
export type Mistyped = 'empty' | 'too_long' | 'too_short' | 'symbols' | 'check' | 'several' | 'network';
export type ReadCode = { readonly ok: true; readonly code: Code } | { readonly ok: false; readonly mistyped: Mistyped };

/**
 * Reads a text that is a code and nothing else: any case, any spaces, dashes and dots, quotation marks and other punctuation around it, O for 0,
 * I and L for 1, full-width letters, the decimal digits of every script, and Cyrillic and Greek letters that look like those of a code.
 * `readCode` in `pasted-code.ts` finds one in a longer text.
 *
 * @param typed of a length that the caller has bounded
 */
export function readSymbols(typed: string): ReadCode {
	const text = normalised(typed);
	if (text === '') return { ok: false, mistyped: 'empty' };
	if (/[^0-9A-HJKMNP-TV-Z]/.test(text)) return { ok: false, mistyped: 'symbols' };
	if (text.length > CODE_SYMBOLS_MAX) return { ok: false, mistyped: 'too_long' };
	if (text.length < CODE_SYMBOLS_MIN) return { ok: false, mistyped: 'too_short' };
	return hasItsCheck(text) ? { ok: true, code: text as Code } : { ok: false, mistyped: 'check' };
}

/** For people: groups of three and four. The groups mean nothing. */
export function formatCode(code: Code): string {
	const groups = Math.ceil(code.length / 4);
	const parts: string[] = [];
	for (let group = 0, from = 0; group < groups; group++) {
		const length = Math.ceil((code.length - from) / (groups - group));
		parts.push(code.slice(from, from + length));
		from += length;
	}
	return parts.join('-');
}

/** Letters' codes are never made of digits only (see code-maker.ts), so each text has one way to be checked. */
function hasItsCheck(text: string): boolean {
	const alphabet = /^\d+$/.test(text) ? 'digits' : 'letters';
	return checkSymbol(alphabet, text.slice(0, -1)) === text.at(-1);
}

function normalised(typed: string): string {
	return latinDigits(typed.normalize('NFKC'))
		.replace(/[\p{Z}\p{Cc}\p{Cf}\p{M}]/gu, '')
		.replace(/^[\p{P}\p{S}]+|[\p{P}\p{S}]+$/gu, '')
		.replace(/[\p{Pd}._·•−]/gu, '')
		.toUpperCase()
		.replace(/[\u0370-\u04ff]/g, (letter) => LOOK_ALIKES.get(letter) ?? letter)
		.replaceAll('O', '0')
		.replace(/[IL]/g, '1');
}

/** A keyboard of that script has no other key for what stands on the card (Unicode Technical Standard 39, confusables). */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
	['АA', 'ВB', 'СC', 'ЕE', 'НH', 'ІI', 'ЈJ', 'КK', 'МM', 'ОO', 'РP', 'ЅS', 'ТT', 'ХX', 'УY']
		.concat(['ΑA', 'ΒB', 'ΕE', 'ΖZ', 'ΗH', 'ΙI', 'ΚK', 'ΜM', 'ΝN', 'ΟO', 'ΡP', 'ΤT', 'ΧX', 'ΥY'])
		.map((pair) => [pair.charAt(0), pair.charAt(1)] as const),
);

/** The decimal digits of every script as 0 to 9. They stand in Unicode as runs of ten, from zero to nine (The Unicode Standard, 4.6). */
export function latinDigits(text: string): string {
	return text.replace(/(?![0-9])\p{Nd}/gu, digitOf);
}

function digitOf(digit: string): string {
	const point = digit.codePointAt(0) as number;
	let value = 0;
	while (value < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(point - value - 1))) value += 1;
	return String(value);
}

/** Is it made of symbols of the alphabet only, as it would be printed? */
export function isPrefix(alphabet: keyof typeof SYMBOLS, prefix: string): boolean {
	return [...prefix].every((symbol) => SYMBOLS[alphabet].includes(symbol));
}
