import { type CodeForm, codeSpace } from './code-maker.ts';

const HOURS_PER_YEAR = 8766;

/**
 * How long somebody who guesses at full rate, all the time, needs on average until one of the codes is hit.
 *
 * @param live codes that open something: unused ones, and those whose accounts still have credit
 */
export function yearsToGuess(
	form: Pick<CodeForm, 'alphabet' | 'length'>,
	live: number,
	guessesPerHour: number,
): number {
	return codeSpace(form) / (live * guessesPerHour * HOURS_PER_YEAR);
}

/** A batch whose codes could be guessed sooner is refused: the lock would be weaker than the paper that it is printed on. */
export const YEARS_TO_GUESS_MIN = 5;
