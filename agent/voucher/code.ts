import { checkSymbol, SYMBOLS } from './alphabet.ts';

declare const brand: unique symbol;
/** A code as it is hashed: upper case, without spaces and dashes, its check symbol right. A secret: never logged. */
export type Code = string & { readonly [brand]: 'code' };

/** Both with prefix and check symbol. */
export const CODE_SYMBOLS_MIN = 6;
export const CODE_SYMBOLS_MAX = 32;
/** What somebody may type or paste, with spaces and dashes; more is not looked at. */
const TYPED_CHARACTERS_MAX = 100;

/** Why a text cannot be a code. None of these is worth a guess: anybody can compute them. */
export type Mistyped = 'empty' | 'too_long' | 'too_short' | 'symbols' | 'check';
export type ReadCode = { readonly ok: true; readonly code: Code } | { readonly ok: false; readonly mistyped: Mistyped };

/**
 * A code from what a person typed, scanned or pasted: any case, any spaces, dashes and dots, O for 0, I and L for 1,
 * full-width letters, and the decimal digits of every script.
 */
export function readCode(typed: string): ReadCode {
	if (typed.length > TYPED_CHARACTERS_MAX) return { ok: false, mistyped: 'too_long' };
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
	return typed
		.normalize('NFKC')
		.replace(/[\p{Z}\p{Cc}\p{Cf}\p{Pd}._·•−]/gu, '')
		.replace(/(?![0-9])\p{Nd}/gu, digitOf)
		.toUpperCase()
		.replaceAll('O', '0')
		.replace(/[IL]/g, '1');
}

/** Decimal digits stand in Unicode as runs of ten, from zero to nine (The Unicode Standard, 4.6). */
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
