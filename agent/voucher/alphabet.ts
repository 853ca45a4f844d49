/** The symbols that a code may be made of. */
export type AlphabetName = 'letters' | 'digits';

export const ALPHABET_NAMES = ['letters', 'digits'] as const satisfies AlphabetName[];

/**
 * `letters`: the 32 of Crockford (crockford.com/base32.html): no I, L, O and U. Who types O, I or L means 0 and 1.
 * `digits`: for telephones with keys, and for people who write another script.
 */
export const SYMBOLS: Readonly<Record<AlphabetName, string>> = {
	letters: '0123456789ABCDEFGHJKMNPQRSTVWXYZ',
	digits: '0123456789',
};

/** x⁵ + x² + 1: irreducible, so its remainders are a field of 32. */
const POLYNOMIAL = 0b100101;

/** The quasigroup of order 10 of H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004), page 111. */
const DAMM = [
	'0317598642',
	'7092154863',
	'4206871359',
	'1750983426',
	'6123045978',
	'3674209581',
	'5869720134',
	'8945362017',
	'9438617205',
	'2581436790',
] as const;

/**
 * The last symbol of a code, made of all before it. It finds every single wrong symbol and every swap of two neighbours,
 * so that most slips are told from wrong codes, and do not count as guesses.
 *
 * For digits Damm's table rather than ISO 7064: MOD 11-10 misses some swaps, MOD 11-2 and 97-10 need an X or a second digit, and
 * Luhn takes 09 for 90. For letters the same construction in a field of 32 elements: double (sum ⊕ symbol).
 */
export function checkSymbol(alphabet: AlphabetName, text: string): string {
	const symbols = SYMBOLS[alphabet];
	let sum = 0;
	for (const symbol of text) {
		const value = symbols.indexOf(symbol);
		if (value < 0) throw new RangeError(`a symbol outside of ${alphabet}`);
		sum = alphabet === 'digits' ? Number((DAMM[sum] as string)[value]) : double(sum ^ value);
	}
	return symbols[sum] as string;
}

function double(value: number): number {
	const twice = value << 1;
	return twice > 31 ? twice ^ POLYNOMIAL : twice;
}
