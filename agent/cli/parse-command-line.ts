import { parseArgs } from 'node:util';
import { nearestWord } from '../core/nearest-word.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { CliCommand, Given } from './cli-command.ts';
import { CLI_COMMANDS } from './commands.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';

export type ParsedLine = { words: readonly string[]; options: Record<string, string>; flags: ReadonlySet<string> };

/** Every option is either always a flag or always takes a value, so the line can be read before the command is known. */
const allOptions = [...GLOBAL_OPTIONS, ...CLI_COMMANDS.flatMap((command) => command.options ?? [])];

/**
 * Splits the line into words, options and flags.
 *
 * @throws OctroiError `usage`
 */
export function parseCommandLine(line: readonly string[]): ParsedLine {
	const { tokens } = parseArgs({
		args: [...line],
		allowPositionals: true,
		strict: false,
		tokens: true,
		options: Object.fromEntries(
			allOptions.map(({ name, value }) => [
				name,
				{
					type: value === undefined ? ('boolean' as const) : ('string' as const),
					...(name === 'help' ? { short: 'h' } : {}),
				},
			]),
		),
	});
	const words: string[] = [];
	const options: Record<string, string> = {};
	const flags = new Set<string>();
	for (const token of tokens) {
		if (token.kind === 'positional') {
			words.push(token.value);
		} else if (token.kind === 'option') {
			readOption(token, options, flags);
		}
	}
	return { words, options, flags };
}

function readOption(
	token: { name: string; rawName: string; value?: string | undefined },
	options: Record<string, string>,
	flags: Set<string>,
): void {
	const option = allOptions.find(({ name }) => name === token.name);
	if (option === undefined) {
		throw unknownOption(
			token.rawName,
			allOptions.map(({ name }) => name),
		);
	}
	if (option.value === undefined) {
		if (token.value !== undefined) {
			throw new OctroiError('usage', `--${option.name} takes no value`, { fix: `write --${option.name} alone` });
		}
		flags.add(option.name);
		return;
	}
	if (token.value === undefined || token.value === '') {
		throw new OctroiError('usage', `--${option.name} needs a value`, { fix: `write --${option.name} ${option.value}` });
	}
	if (Object.hasOwn(options, option.name)) {
		throw new OctroiError('usage', `--${option.name} is given twice`, { fix: 'give it once' });
	}
	options[option.name] = token.value;
}

/**
 * Which command the words name; a group's name alone, or no words at all, name none.
 *
 * @throws OctroiError `usage` with what was probably meant
 */
export function findCommand(words: readonly string[]): CliCommand | { group: string | undefined } {
	const command = CLI_COMMANDS.find((candidate) => candidate.words.every((word, index) => words[index] === word));
	if (command !== undefined) {
		return command;
	}
	const [first, second] = words;
	const inGroup = CLI_COMMANDS.filter((candidate) => candidate.words[0] === first);
	if (first === undefined || (second === undefined && inGroup.length > 0)) {
		return { group: first };
	}
	const meant =
		inGroup.length > 0
			? nearestWord(
					second as string,
					inGroup.map((candidate) => candidate.words[1] as string),
				)
			: nearestWord(first, new Set(CLI_COMMANDS.map((candidate) => candidate.words[0] as string)));
	const full = inGroup.length > 0 ? `${first} ${meant}` : meant;
	const named = inGroup.length > 0 ? `${first} ${second}` : first;
	throw new OctroiError('usage', `"${named}" is not a command`, {
		fix: meant === undefined ? 'octroi help lists the commands' : `did you mean "octroi ${full}"?`,
	});
}

/**
 * The arguments and options of one command.
 *
 * @throws OctroiError `usage`
 */
export function givenTo(command: CliCommand, line: ParsedLine): Given {
	const name = command.words.join(' ');
	const fix = `octroi ${name} --help`;
	const expected = command.arguments ?? [];
	const rest = line.words.slice(command.words.length);
	const missing = expected[rest.length];
	if (missing !== undefined) {
		throw new OctroiError('usage', `${name} needs ${missing.name}: ${missing.about}`, { fix });
	}
	if (rest.length > expected.length) {
		throw new OctroiError('usage', `${name} does not take "${rest[expected.length]}"`, { fix });
	}
	const own = command.options ?? [];
	const known = [...own, ...GLOBAL_OPTIONS].map((option) => option.name);
	for (const option of [...Object.keys(line.options), ...line.flags]) {
		if (!known.includes(option)) {
			throw unknownOption(`--${option}`, known, name);
		}
	}
	for (const option of own) {
		if (option.required && line.options[option.name] === undefined) {
			throw new OctroiError('usage', `${name} needs --${option.name} ${option.value}: ${option.about}`, { fix });
		}
	}
	const values = expected.map((argument, index) => [argument.name, rest[index] as string]);
	return { arguments: Object.fromEntries(values), options: line.options, flags: line.flags };
}

function unknownOption(raw: string, known: readonly string[], command?: string): OctroiError {
	const meant = nearestWord(raw.replace(/^-+/, ''), known);
	const message = command === undefined ? `${raw} is not an option` : `${command} has no option ${raw}`;
	return new OctroiError('usage', message, {
		fix:
			meant === undefined ? `octroi ${command === undefined ? '' : `${command} `}--help` : `did you mean --${meant}?`,
	});
}
