import { OctroiError } from '../core/octroi-error.ts';
import { type AlphabetName, checkSymbol, SYMBOLS } from './alphabet.ts';
import { CODE_SYMBOLS_MAX, type Code, isPrefix } from './code.ts';

/** How the codes of a batch look. */
export type CodeForm = {
	readonly alphabet: AlphabetName;
	/** Symbols after the prefix, with the check symbol. {@link LENGTH_MIN} to {@link LENGTH_MAX}. */
	readonly length: number;
	/** Of the alphabet, up to {@link PREFIX_SYMBOLS_MAX}; it is no secret. May be empty. */
	readonly prefix: string;
};

export const LENGTH_MIN = 8;
export const LENGTH_MAX = 24;
export const PREFIX_SYMBOLS_MAX = CODE_SYMBOLS_MAX - LENGTH_MAX;

/** What is chosen when nothing is said: docs/vouchers.md has the odds. */
export const LENGTH_DEFAULT: Readonly<Record<AlphabetName, number>> = { letters: 10, digits: 12 };

/** So many unpredictable bytes: `node:crypto`'s randomBytes. */
export type RandomBytes = (count: number) => Uint8Array;

/** @throws OctroiError `invalid_value` */
export function checkForm({ alphabet, length, prefix }: CodeForm): void {
	if (!Number.isSafeInteger(length) || length < LENGTH_MIN || length > LENGTH_MAX) {
		throw new OctroiError('invalid_value', `codes of ${length} symbols cannot be made`, {
			fix: `choose a length from ${LENGTH_MIN} to ${LENGTH_MAX}`,
		});
	}
	if (prefix.length > PREFIX_SYMBOLS_MAX || !isPrefix(alphabet, prefix)) {
		throw new OctroiError('invalid_value', 'the prefix has symbols that codes do not have, or too many', {
			fix: `use up to ${PREFIX_SYMBOLS_MAX} of ${SYMBOLS[alphabet]}`,
		});
	}
}

/** How many codes of that form there are; the prefix and the check symbol add none. */
export function codeSpace({ alphabet, length }: Pick<CodeForm, 'alphabet' | 'length'>): number {
	return SYMBOLS[alphabet].length ** (length - 1);
}

/** A new code; every one of the space with the same probability. */
export function makeCode(form: CodeForm, random: RandomBytes): Code {
	const symbols = SYMBOLS[form.alphabet];
	// Bytes beyond the largest multiple of the alphabet would make its first symbols more frequent.
	const limit = 256 - (256 % symbols.length);
	let text = form.prefix;
	while (text.length < form.prefix.length + form.length - 1) {
		for (const byte of random(form.length)) {
			if (byte < limit && text.length < form.prefix.length + form.length - 1) text += symbols[byte % symbols.length];
		}
	}
	text += checkSymbol(form.alphabet, text);
	// A code that looks numeric would be checked as one.
	return form.alphabet === 'letters' && /^\d+$/.test(text) ? makeCode(form, random) : (text as Code);
}

/** Different codes, in no order that anybody could continue. */
export function makeCodes(form: CodeForm, count: number, random: RandomBytes): Code[] {
	checkForm(form);
	// Beyond it nearly every guess would hit, and looking for free ones would take for ever.
	if (count > codeSpace(form) / 1000) {
		throw new OctroiError('invalid_value', `${count} codes of ${form.length} ${form.alphabet} are too many`, {
			fix: 'make them longer',
		});
	}
	const codes = new Set<Code>();
	while (codes.size < count) codes.add(makeCode(form, random));
	return [...codes];
}
