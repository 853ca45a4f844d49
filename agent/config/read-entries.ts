import { quoteValue } from '../core/value-rule.ts';
import type { ConfigProblems } from './config-problems.ts';
import type { Option } from './option.ts';
import { isRecord, type OptionValues, readOptions } from './read-options.ts';

/** A list of named objects in the file. */
export type EntryList = {
	/** `plans` */
	readonly path: string;
	/** `plan` */
	readonly what: string;
	/** What an entry has beside its name. */
	readonly example: string;
	readonly countMax: number;
	readonly options: readonly Option[];
};

/** Reads a list; each problem is reported with the entry's place, counted from 0 as in JSON. Names must differ. */
export function readEntries<Entry>(
	input: unknown,
	problems: ConfigProblems,
	{ path: listPath, what, example, countMax, options }: EntryList,
	read: (path: string, entry: Record<string, unknown>, values: OptionValues) => Entry,
): readonly Entry[] {
	if (input === undefined) return [];
	if (!Array.isArray(input)) {
		const fix = `write a list of ${listPath}: [ { "name": …, ${example} } ]`;
		problems.add(listPath, `${quoteValue(input)} is not a list`, fix);
		return [];
	}
	if (input.length > countMax) {
		problems.add(listPath, `has ${input.length} entries`, `keep at most ${countMax}`);
		return [];
	}
	const entries: Entry[] = [];
	const places = new Map<unknown, number>();
	for (const [index, entry] of input.entries()) {
		const path = `${listPath}[${index}]`;
		if (!isRecord(entry)) {
			problems.add(path, `${quoteValue(entry)} is not a ${what}`, `write { "name": …, ${example} }`);
			continue;
		}
		const values = readOptions(entry, options, problems, { prefix: `${path}.` });
		const name = values.get('name');
		const earlier = places.get(name);
		if (name !== undefined && earlier !== undefined) {
			const problem = `"${name}" is already the name of ${listPath}[${earlier}]`;
			problems.add(`${path}.name`, problem, `give each ${what} its own name`);
		}
		places.set(name, index);
		entries.push(read(path, entry, values));
	}
	return entries;
}
