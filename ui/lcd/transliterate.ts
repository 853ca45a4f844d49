/** More is not looked at: the longest line that scrolls has some hundred characters. */
const TEXT_LOOK_MAX = 4096;

/**
 * Text from outside as an HD44780 can show it: printable ASCII, one column a character. Its character ROM A00 has a yen sign
 * in the place of the backslash and an arrow in that of the tilde, so these two are replaced too.
 */
export function transliterate(text: string): string {
	let result = '';
	let last = '';
	for (const character of text.slice(0, TEXT_LOOK_MAX).normalize('NFKD')) {
		if (invisible.test(character)) {
			continue;
		}
		const ascii = asciiOf(character);
		// A name in a script that we cannot write is one question mark, not a row of them.
		// Its last character is remembered: to ask the growing text for it would copy the text each time.
		if (ascii === '?' && last === '?') continue;
		result += ascii;
		last = ascii.slice(-1);
	}
	return result;
}

/** Combining marks, and what steers a terminal or the direction of writing without being seen. */
const invisible = /[\p{M}\p{Cf}\p{Cs}\u2028\u2029]/u;

function asciiOf(character: string): string {
	if (character >= ' ' && character < '\u007f') {
		return character === '\\' ? '/' : character === '~' ? '-' : character;
	}
	const lower = character.toLowerCase();
	const ascii = LETTERS.get(character) ?? LETTERS.get(lower);
	if (ascii === undefined) {
		return /\s/u.test(character) && character !== '\u001b' ? ' ' : '?';
	}
	return character === lower ? ascii : ascii.charAt(0).toUpperCase() + ascii.slice(1);
}

/** What NFKD does not take apart: Latin, then Greek (ISO 843), then Cyrillic (near to ICAO 9303), then signs. */
const LETTERS: ReadonlyMap<string, string> = new Map(
	[
		'ß ss,æ ae,œ oe,ø o,đ d,ð d,þ th,ł l,ħ h,ı i,ŋ n,ŧ t,ə e,ƒ f,ĸ k',
		'α a,β v,γ g,δ d,ε e,ζ z,η i,θ th,ι i,κ k,λ l,μ m,ν n,ξ x,ο o,π p,ρ r,σ s,ς s,τ t,υ y,φ f,χ ch,ψ ps,ω o',
		'а a,б b,в v,г g,д d,е e,ж zh,з z,и i,к k,л l,м m,н n,о o,п p,р r,с s,т t,у u,ф f,х kh,ц ts,ч ch,ш sh,щ shch',
		'ъ ie,ы y,ь ,э e,ю iu,я ia,ґ g,є ie,і i,ђ d,ј j,љ lj,њ nj,ћ c,џ dz',
		'\u2018 \',\u2019 \',\u201a \',\u201c ",\u201d ",\u201e ",« ",» ",\u2013 -,\u2014 -,\u2212 -,\u2010 -,\u2011 -,× x,÷ /,€ EUR,£ GBP,¥ JPY',
		'· .,• *,° o,± +-,¡ !,¿ ?,© (c),® (r),→ >,← <,↑ ^,↓ v,⁄ /,§ S,¶ P,¬ -,¦ |,¢ c',
	]
		.flatMap((line) => line.split(/,(?=[^,])/))
		.map((pair) => [pair.slice(0, pair.indexOf(' ')), pair.slice(pair.indexOf(' ') + 1)] as const),
);
