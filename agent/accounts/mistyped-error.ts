import { OctroiError } from '../core/octroi-error.ts';
import { CODE_SYMBOLS_MAX, CODE_SYMBOLS_MIN, type Mistyped } from '../voucher/code.ts';

const SENTENCES: Readonly<Record<Mistyped, string>> = {
	empty: 'nothing was typed: a code is missing',
	too_short: `that is not a code: it has fewer than ${CODE_SYMBOLS_MIN} letters and digits`,
	too_long: `that is not a code: it has more than ${CODE_SYMBOLS_MAX} letters and digits`,
	symbols: 'that is not a code: it has characters that no code has',
	check: 'that is not a code: a letter or digit is wrong, missing or too many',
	several: 'there are two different codes in that text',
	network: 'that is the QR code that joins the Wi-Fi, not the one of the voucher',
};

/** What a text that cannot be a code is answered with. The text itself is not quoted: it may be nearly a code. */
export function mistypedError(mistyped: Mistyped): OctroiError {
	const fix = mistyped === 'several' ? 'give one code at a time' : 'compare it with the card, letter by letter';
	return new OctroiError('invalid_value', SENTENCES[mistyped], { fix });
}
