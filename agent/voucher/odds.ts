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

/** Who guesses all the time, for a year, with any number of devices, hits a code with this chance at most. */
export const HIT_CHANCE_PER_YEAR = 0.01;
/** However long the codes are: each guess takes about a millisecond of the thread that the meter needs too. */
export const GUESSES_PER_HOUR_MAX = 36_000;

/**
 * Wrong codes in an hour, of all together, that keep the chance of a hit in a year below {@link HIT_CHANCE_PER_YEAR}.
 *
 * @param hitChance that one guess hits
 */
export function guessesPerHourAllowed(hitChance: number): number {
	return hitChance <= 0
		? GUESSES_PER_HOUR_MAX
		: Math.min(GUESSES_PER_HOUR_MAX, HIT_CHANCE_PER_YEAR / (hitChance * HOURS_PER_YEAR));
}

/** A batch whose codes could be guessed sooner is refused: the lock would be weaker than the paper that it is printed on. */
export const YEARS_TO_GUESS_MIN = 5;
