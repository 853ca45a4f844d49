import type { AlphabetName } from '../../../agent/voucher/alphabet.ts';
import { guessesPerHourMax } from '../../../agent/voucher/code-limiter.ts';
import { codeSpace } from '../../../agent/voucher/code-maker.ts';
import { YEARS_TO_GUESS_MIN, yearsToGuess } from '../../../agent/voucher/odds.ts';
import { RATES } from './guesser.ts';

const FORMS: readonly (readonly [AlphabetName, number])[] = [
	['letters', 8],
	['letters', 10],
	['letters', 12],
	['digits', 8],
	['digits', 10],
	['digits', 12],
	['digits', 14],
	['digits', 16],
];
const LIVE = [100, 1000, 10_000] as const;

/** The table of docs/vouchers.md: years until somebody who guesses at full rate, all the time, hits one of so many live codes. */
export function oddsTable(): string {
	const rows = FORMS.map(([alphabet, length]) => {
		const years = LIVE.map((live) => cell(yearsToGuess({ alphabet, length }, live, guessesPerHourMax(RATES))));
		return `| ${length} ${alphabet} | ${codeSpace({ alphabet, length }).toLocaleString('en')} | ${years.join(' | ')} |`;
	});
	return `| code | how many there are | 100 live | 1,000 live | 10,000 live |\n|---|---|---|---|---|\n${rows.join('\n')}`;
}

function cell(years: number): string {
	if (years < YEARS_TO_GUESS_MIN)
		return `${years < 0.1 ? `${(years * 365.25).toFixed(1)} days` : `${years.toFixed(1)} years`}, refused`;
	return `${Math.round(Number(years.toPrecision(2))).toLocaleString('en')} years`;
}
