import { type Code, type ReadCode, readSymbols } from './code.ts';

/** What somebody may type or paste: the address of a QR code with what stands around it, a message with a code; more is not looked at. */
export const PASTED_CHARACTERS_MAX = 512;

/** `WIFI:T:WPA;S:name;P:password;;`, the QR code that joins a network; a backslash stands before what is not a separator. */
const NETWORK = /WIFI:(?:[A-Z0-9]{1,3}:(?:[^\\;]|\\.)*;)+;*/giu;
/** `?c=CODE`, as the QR codes of cards have it (`codePageUrl`), with whatever stands before and behind it. */
const PARAMETER = /[?&#;]c(?:ode)?=([^&#;\s"'<>]*)/giu;
const ADDRESS = /[a-z][a-z0-9+.-]{0,15}:\/\/[^\s/?#]*(\S*)/giu;
const LINE_END = /[\r\n\v\f\u0085\u2028\u2029]+/u;
/** What stands before a code with a colon: `Code: …`, `Ihr Code = …`. */
const LABEL_END = /^.*[:=→]/u;
/** What stands before a code without one, in the languages of the portal; only what could be read as symbols of a code. */
const LABEL_WORD = /^[\p{P}\p{S}]*(?:codes?|c[oó]digo|codice|kode|kod|pin|ticket|gift|card|access|wi-?fi)\s+/iu;
/** Of a line of a card that is no code, though its digits may have the check of one. */
const DATE = /^\p{P}*(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4})\p{P}*$/u;
/** A part of a code that is written in groups: capitals, or with a digit. */
const GROUP = /^(?:[0-9A-Z]{2,6}|(?=[a-z]*\d)[0-9a-z]{2,6})$/;

/**
 * Reads the code of what a person typed, scanned or pasted: the code alone as {@link readSymbols} reads it, the whole address of a card's QR code
 * (also percent-encoded, or inside of another address), `Code: …`, one of several lines, or a word of a message. What has the check symbol of a
 * code is one; where two different ones are equally likely, none is taken: `several`.
 */
export function readCode(typed: string): ReadCode {
	if (typed.length > PASTED_CHARACTERS_MAX) return { ok: false, mistyped: 'too_long' };
	const pasted = decoded(typed.normalize('NFKC'));
	const text = pasted.replace(NETWORK, ' ');
	if (text !== pasted && text.trim() === '') return { ok: false, mistyped: 'network' };
	const whole = readSymbols(text);
	for (const find of [inAddressesAndLines, inWords, inGroups]) {
		const found = new Set(find(text));
		if (found.size > 1) return { ok: false, mistyped: 'several' };
		for (const code of found) return { ok: true, code };
		// A code that is broken into two lines, or has spaces.
		if (find === inAddressesAndLines && whole.ok) return whole;
	}
	return whole;
}

function inAddressesAndLines(text: string): Code[] {
	const { parts, rest } = addresses(text);
	const lines = rest.split(LINE_END).filter((line) => line.trim() !== '');
	const isList = lines.length > 1 || parts.length > 0;
	return [...codesOf(parts), ...lines.flatMap((line) => (isList && DATE.test(line.trim()) ? [] : inLine(line)))];
}

/** The values of addresses that may be a code, and the text without addresses. */
function addresses(text: string): { parts: string[]; rest: string } {
	const parts = [...text.matchAll(PARAMETER)].map(([, value]) => (value as string).replaceAll('+', ' '));
	const isAnswered = codesOf(parts).length > 0;
	const rest = text
		.replace(ADDRESS, (_, path: string) => {
			// A venue's own page may have the code elsewhere, such as at the end of the path.
			const last = isAnswered ? undefined : path.split(/[/?&#=;]/).findLast((part) => readSymbols(part).ok);
			if (last !== undefined) parts.push(last);
			return ' ';
		})
		// An address without its scheme.
		.replace(isAnswered ? /\S*[?&#;]c(?:ode)?=\S*/giu : /(?!)/, ' ');
	return { parts, rest };
}

function inLine(line: string): Code[] {
	const unlabelled = codesOf(
		[line.replace(LABEL_END, ''), line.replace(LABEL_WORD, '')].filter((text) => text !== line),
	);
	if (unlabelled.length > 0) return unlabelled;
	const whole = codesOf([line]);
	// By chance two codes can have the check of one together.
	const words = whole.length === 0 ? [] : line.split(/\s+/).map((word) => codesOf([word]));
	return words.length > 1 && words.every((codes) => codes.length === 1) ? words.flat() : whole;
}

/** Words of a message that are codes; those with a digit or a dash before those that may be words of a language. */
function inWords(text: string): Code[] {
	const words = addresses(text)
		.rest.split(/[\s:=,;،、…()[\]]+/u)
		.filter((word) => !DATE.test(word));
	const likely = codesOf(words.filter((word) => /[\p{Nd}\p{Pd}]/u.test(word)));
	return likely.length > 0 ? likely : codesOf(words.filter((word) => /^[^\p{Ll}]*$/u.test(word)));
}

/** Neighbouring groups of a message: `your code is J19W F2T D0F, thank you`. */
function inGroups(text: string): Code[] {
	// A punctuation mark ends what stands before it, or begins what stands behind it.
	const phrases = addresses(text).rest.split(/(?:^|\s)[\p{P}\p{S}]+|[\p{P}\p{S}]+(?:\s|$)/u);
	const runs: string[][] = [];
	for (const phrase of phrases) {
		let run: string[] = [];
		for (const word of phrase.split(/\s+/)) {
			if (!GROUP.test(word)) run = [];
			else if (run.push(word) === 2) runs.push(run);
		}
	}
	return codesOf(runs.map((run) => run.join(' ')));
}

function codesOf(texts: readonly string[]): Code[] {
	return texts.map(readSymbols).flatMap((read) => (read.ok ? [read.code] : []));
}

/** `%3F` as `?`: an address inside of an address, or one that a program has encoded. No code has a percent sign. */
function decoded(text: string): string {
	let decodedText = text;
	for (let depth = 0; depth < 2 && decodedText.includes('%'); depth++) {
		decodedText = decodedText.replace(/(?:%[0-9a-f]{2})+/giu, (escapes) => {
			try {
				return decodeURIComponent(escapes);
			} catch {
				// Not UTF-8: it stays as it is, and is no code.
				return escapes;
			}
		});
	}
	return decodedText;
}
