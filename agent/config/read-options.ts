import { nearestWord } from '../core/nearest-word.ts';
import { quoteValue } from '../core/value-rule.ts';
import type { ConfigProblems } from './config-problems.ts';
import type { Option } from './option.ts';

/** Values by the option's path. An option that has a problem is absent. */
export type OptionValues = Map<string, unknown>;

/** Is it an object of JSON, and not a list? */
export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads the options out of an object; unknown keys are problems. `prefix` goes before each path that is reported.
 * Keys in `others` are read elsewhere.
 */
export function readOptions(
	input: Readonly<Record<string, unknown>>,
	options: readonly Option[],
	problems: ConfigProblems,
	where: { prefix?: string; others?: readonly string[] } = {},
): OptionValues {
	const prefix = where.prefix ?? '';
	reportUnknownKeys(input, options, problems, { prefix, others: where.others ?? [] });
	const values: OptionValues = new Map();
	for (const option of options) {
		const raw = valueAt(input, option.path);
		if (raw === undefined) {
			readAbsent(option, values, problems, prefix);
			continue;
		}
		const answer = option.rule.read(raw);
		if (answer.ok) {
			values.set(option.path, answer.value);
		} else {
			problems.add(`${prefix}${option.path}`, answer.problem, exampleOf(option));
		}
	}
	return values;
}

function readAbsent(option: Option, values: OptionValues, problems: ConfigProblems, prefix: string): void {
	if (option.required) {
		problems.add(`${prefix}${option.path}`, 'is missing', `add ${formOf(option)}`);
	} else if (option.default !== undefined) {
		const answer = option.rule.read(option.default);
		if (answer.ok) {
			values.set(option.path, answer.value);
		}
	}
}

function formOf(option: Option): string {
	return option.unit === undefined ? option.rule.accepts : `${option.rule.accepts}, in ${option.unit}`;
}

/** The problem has already said what is accepted. */
function exampleOf(option: Option): string {
	return option.default === undefined
		? 'correct it, or see the example'
		: `the default is ${JSON.stringify(option.default)}`;
}

/** The sections of the file are at most one level deep: `grant.bytesMin`. */
function valueAt(input: Readonly<Record<string, unknown>>, path: string): unknown {
	const [section, key] = path.split('.') as [string, string?];
	const value = Object.hasOwn(input, section) ? input[section] : undefined;
	if (key === undefined) {
		return value;
	}
	return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function reportUnknownKeys(
	input: Readonly<Record<string, unknown>>,
	options: readonly Option[],
	problems: ConfigProblems,
	where: { prefix: string; others: readonly string[] },
): void {
	const sections = new Set(options.map((option) => option.path.split('.')[0] as string));
	const known = [...sections, ...where.others];
	for (const [key, value] of Object.entries(input)) {
		const inside = options
			.filter((option) => option.path.startsWith(`${key}.`))
			.map((option) => option.path.slice(key.length + 1));
		if (!known.includes(key)) {
			problems.add(`${where.prefix}${key.slice(0, 64)}`, 'is not an option', suggestion(key, known));
		} else if (inside.length > 0 && !isRecord(value)) {
			problems.add(`${where.prefix}${key}`, `${quoteValue(value)} is not an object`, `write { ${inside.join(', ')} }`);
		} else if (inside.length > 0 && isRecord(value)) {
			for (const innerKey of Object.keys(value).filter((candidate) => !inside.includes(candidate))) {
				problems.add(
					`${where.prefix}${key}.${innerKey.slice(0, 64)}`,
					'is not an option',
					suggestion(innerKey, inside),
				);
			}
		}
	}
}

function suggestion(word: string, known: readonly string[]): string {
	const nearest = nearestWord(word, known);
	return nearest === undefined ? 'remove it' : `did you mean "${nearest}"?`;
}
