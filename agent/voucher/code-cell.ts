import { readSymbols } from './code.ts';

/** `4.82917E+11`, `4,82917E11`: how a spreadsheet shows a number that is too wide for its column, and then saves it. */
const SCIENTIFIC = /^\d(?:[.,]\d+)?E\+?\d+$/i;
/** IEEE 754 doubles keep so many decimal digits; a spreadsheet writes zeros for the others. */
const NUMBER_DIGITS_MAX = 15;

/**
 * What a spreadsheet has done to the code in a cell; undefined: it is a code. The code is not quoted, since it may be nearly one.
 *
 * @param longest symbols of the longest code of the batch: all of a batch have the same number. Damm's check does not see zeros at the beginning
 */
export function codeFault(cell: string, longest: number): string | undefined {
	if (cell === '') return 'the code is missing';
	if (SCIENTIFIC.test(cell) && /[.,+]/.test(cell)) {
		return 'a spreadsheet has turned the code into a number with an exponent, and its last digits are lost';
	}
	if (/^\d+[.,]\d+$/.test(cell)) return 'a spreadsheet has turned the code into a number with decimals';
	const isNumber = /^\d+$/.test(cell);
	if (isNumber && cell.length > NUMBER_DIGITS_MAX && /^0+$/.test(cell.slice(NUMBER_DIGITS_MAX))) {
		return `a spreadsheet has turned the code into a number, and all digits after the ${NUMBER_DIGITS_MAX}th are lost`;
	}
	if (symbolsIn(cell) < longest) {
		return isNumber
			? 'a spreadsheet has turned the code into a number, and its zeros at the beginning are lost'
			: 'the code is shorter than the others of its batch: a part of it is lost';
	}
	return readSymbols(cell).ok
		? undefined
		: 'what stands in the column code is not a code: a letter or digit is wrong, missing or too many';
}

/** Letters and digits, without what stands between them. */
export function symbolsIn(cell: string): number {
	return cell.replace(/[^\p{L}\p{N}]/gu, '').length;
}
