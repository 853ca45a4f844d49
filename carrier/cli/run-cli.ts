import { parseArgs } from 'node:util';
import { CarrierError } from '../carrier-error.ts';
import { CARRIER_ERROR_CODES } from '../error-codes.ts';
import type { CliCommand, CliEnvironment } from './cli-command.ts';
import { CARRIER_COMMANDS } from './commands.ts';

/** Runs one command line (without the program's name). The answer is the exit status. Never rejects. */
export async function runCarrierCli(line: readonly string[], environment: CliEnvironment): Promise<number> {
	try {
		const answer = await runLine(line, environment);
		if (answer !== undefined)
			environment.writeOut(typeof answer === 'string' ? answer : `${printable(JSON.stringify(answer, null, '\t'))}\n`);
		return 0;
	} catch (error) {
		const shown = error instanceof CarrierError ? error : defect(error);
		const rest = [...shown.faults, ...(shown.fix === undefined ? [] : [`fix: ${shown.fix}`])].map(
			(text) => `  ${printable(text)}\n`,
		);
		environment.writeError(`octroi-carrier: ${printable(shown.message)}\n${rest.join('')}`);
		return CARRIER_ERROR_CODES[shown.code].exit;
	}
}

async function runLine(line: readonly string[], environment: CliEnvironment): Promise<unknown> {
	if (line.length === 0 || line[0] === '--help' || line[0] === 'help') return helpText();
	if (line[0] === '--version') return `octroi-carrier ${environment.version}\n`;
	const command = CARRIER_COMMANDS.find(({ words }) => words.every((word, index) => line[index] === word));
	if (command === undefined)
		throw new CarrierError('usage', `"${line.slice(0, 2).join(' ')}" is no command`, { fix: 'octroi-carrier --help' });
	const { words, options } = split(command, line.slice(command.words.length));
	return await command.run({ words, options }, environment);
}

function split(command: CliCommand, rest: readonly string[]): { words: string[]; options: Record<string, string> } {
	const name = command.words.join(' ');
	try {
		const { positionals, values } = parseArgs({
			args: [...rest],
			allowPositionals: true,
			options: Object.fromEntries(command.options.map((option) => [option.name, { type: 'string' as const }])),
		});
		if (positionals.length !== command.arguments.length) {
			throw new CarrierError('usage', `${name} takes ${command.arguments.join(' ') || 'no arguments'}`, {
				fix: 'octroi-carrier --help',
			});
		}
		return { words: positionals, options: values as Record<string, string> };
	} catch (cause) {
		if (cause instanceof CarrierError) throw cause;
		throw new CarrierError('usage', `${name}: ${(cause as Error).message}`, { fix: 'octroi-carrier --help', cause });
	}
}

/** The whole help: docs/carrier-reference.md has it too. */
export function helpText(): string {
	const lines = CARRIER_COMMANDS.map(
		(command) => [[...command.words, ...command.arguments].join(' '), command.summary] as const,
	);
	const width = Math.max(...lines.map(([usage]) => usage.length));
	const options = new Map(
		CARRIER_COMMANDS.flatMap((command) => command.options).map((option) => [option.name, option]),
	);
	return `usage: octroi-carrier COMMAND [OPTIONS]

${lines.map(([usage, summary]) => `  ${usage.padEnd(width)}  ${summary}`).join('\n')}

Options of the commands that need them:
${[...options.values()].map(({ name, value, about }) => `  ${`--${name} ${value}`.padEnd(width)}  ${about}`).join('\n')}

Answers are JSON. A command that takes a FILE reads JSON from it.
`;
}

function defect(error: unknown): CarrierError {
	return new CarrierError(
		'internal',
		`a defect: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
		{ cause: error },
	);
}

/** Nothing that could steer the terminal. */
function printable(text: string): string {
	return text.replace(/[^\P{Cc}\n\t]/gu, '\uFFFD');
}
