/**
 * What one value from outside may be: a number in a range, a text of a form, one of a few words.
 * The same rule checks the value and describes it for people, so documentation and validation cannot differ.
 */
export type ValueRule<Value> = {
	/** For people: `whole number from 1 to 60`. */
	readonly accepts: string;
	/** The value, or what is wrong with it. Never throws. */
	read(input: unknown): ReadValue<Value>;
};

/** `problem` completes the sentence "VALUE …", for instance "is not a whole number". */
export type ReadValue<Value> = { ok: true; value: Value } | { ok: false; problem: string };

/** What is quoted of a wrong value at most: an error message is read by people, on a terminal. */
const QUOTED_CHARACTERS_MAX = 60;

/** A value of unknown kind and size as a short piece of text without control characters. */
export function quoteValue(input: unknown): string {
	const text = typeof input === 'bigint' ? String(input) : (JSON.stringify(input) ?? String(input));
	return text.length > QUOTED_CHARACTERS_MAX ? `${text.slice(0, QUOTED_CHARACTERS_MAX)}…` : text;
}

/** A whole number from `min` to `max`, both included. */
export function wholeNumber(range: { min: number; max: number }): ValueRule<number> {
	const accepts = `whole number from ${range.min} to ${range.max}`;
	return {
		accepts,
		read(input) {
			if (typeof input !== 'number' || !Number.isSafeInteger(input) || input < range.min || input > range.max) {
				return { ok: false, problem: `${quoteValue(input)} is not a ${accepts}` };
			}
			return { ok: true, value: input };
		},
	};
}

/** A text that matches `pattern` as a whole; `accepts` describes the pattern. */
export function textOf(pattern: RegExp, accepts: string): ValueRule<string> {
	return {
		accepts,
		read(input) {
			if (typeof input !== 'string' || !pattern.test(input)) {
				return { ok: false, problem: `${quoteValue(input)} is not ${accepts}` };
			}
			return { ok: true, value: input };
		},
	};
}

/** One word of a short list. */
export function oneOf<const Word extends string>(words: readonly Word[]): ValueRule<Word> {
	const accepts = words.map((word) => JSON.stringify(word)).join(' or ');
	return {
		accepts,
		read(input) {
			const word = words.find((candidate) => candidate === input);
			return word === undefined
				? { ok: false, problem: `${quoteValue(input)} is not ${accepts}` }
				: { ok: true, value: word };
		},
	};
}

/** Yes or no. */
export const yesOrNo: ValueRule<boolean> = {
	accepts: 'true or false',
	read(input) {
		return typeof input === 'boolean'
			? { ok: true, value: input }
			: { ok: false, problem: `${quoteValue(input)} is not true or false` };
	},
};

/** A value that a function turns into another, or refuses by throwing an error with a message for people. */
export function parsedText<Value>(parse: (text: string) => Value, accepts: string): ValueRule<Value> {
	return {
		accepts,
		read(input) {
			if (typeof input !== 'string') {
				return { ok: false, problem: `${quoteValue(input)} is not ${accepts}` };
			}
			try {
				return { ok: true, value: parse(input) };
			} catch (error) {
				return { ok: false, problem: error instanceof Error ? error.message : String(error) };
			}
		},
	};
}

/** A list whose entries all follow one rule; every wrong entry is reported, by its place. */
export function listOf<Value>(
	entry: ValueRule<Value>,
	count: { min: number; max: number },
): ValueRule<readonly Value[]> {
	const accepts = `list of ${count.min} to ${count.max}, each ${entry.accepts}`;
	return {
		accepts,
		read(input) {
			if (!Array.isArray(input)) {
				return { ok: false, problem: `${quoteValue(input)} is not a list` };
			}
			if (input.length < count.min || input.length > count.max) {
				return { ok: false, problem: `has ${input.length} entries, but must have ${count.min} to ${count.max}` };
			}
			const values: Value[] = [];
			const problems: string[] = [];
			for (const [index, item] of input.entries()) {
				const answer = entry.read(item);
				if (answer.ok) {
					values.push(answer.value);
				} else {
					problems.push(`entry ${index + 1}: ${answer.problem}`);
				}
			}
			return problems.length === 0 ? { ok: true, value: values } : { ok: false, problem: problems.join('; ') };
		},
	};
}
