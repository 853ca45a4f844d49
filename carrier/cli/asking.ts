import { CarrierError } from '../carrier-error.ts';
import { parseJsonText } from '../json-text.ts';
import { askApi, type Request } from './ask-api.ts';
import { API_OPTIONS, type CliCommand, type CliOption, type Given } from './cli-command.ts';

type Order = {
	words: string;
	arguments?: string;
	summary: string;
	options?: readonly CliOption[];
	request: (given: Given, read: (path: string) => unknown) => Request;
};

/** A command that asks the running platform. */
export function asking({ words, arguments: names = '', summary, options = [], request }: Order): CliCommand {
	return {
		words: words.split(' '),
		arguments: names === '' ? [] : names.split(' '),
		summary,
		options: [...options, ...API_OPTIONS],
		run: async (given, environment) => {
			const read = (path: string): unknown => {
				let text: string;
				try {
					text = environment.readFile(path);
				} catch (cause) {
					throw new CarrierError('invalid_value', `${path}: ${(cause as Error).message}`, { cause });
				}
				return parseJsonText(text, path, 'invalid_value');
			};
			return await askApi(given, environment, request(given, read));
		},
	};
}

/** The word at a place of the command line, as a part of a path. */
export const at = ({ words }: Given, index: number) => encodeURIComponent(words[index] as string);

/** These options, as the query of a path. */
export function query({ options }: Given, ...names: readonly string[]): string {
	const given = names.flatMap((name) =>
		options[name] === undefined ? [] : [[name, options[name] as string] as [string, string]],
	);
	return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

export const LIMIT: CliOption = { name: 'limit', value: 'NUMBER', about: 'entries of one answer' };
/** Of lists that come in pages. */
export const PAGE: readonly CliOption[] = [
	{ name: 'after', value: 'NAME', about: 'what is behind it: `next` of the page before; of records a position' },
	LIMIT,
];

export const CREDIT: readonly CliOption[] = [
	{ name: 'plan', value: 'NAME', about: 'what was bought' },
	{ name: 'bytes', value: 'NUMBER', about: 'instead of a plan' },
];

/** `--plan` or `--bytes`, as the API has it. */
export function bought({ options }: Given): object {
	return options.bytes === undefined
		? { plan: options.plan }
		: { credit: { unit: 'byte', amount: Number(options.bytes) } };
}
