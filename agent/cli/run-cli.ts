import { loadConfig } from '../config/load-config.ts';
import { ERROR_CODES } from '../core/error-codes.ts';
import { OctroiError } from '../core/octroi-error.ts';
import { askAgent } from '../status/client.ts';
import type { CommandName } from '../status/commands.ts';
import { printableJson, printableText } from '../text/printable.ts';
import { socketFor } from './agent-sockets.ts';
import type { CliContext } from './cli-command.ts';
import type { CliEnvironment } from './cli-environment.ts';
import { CLI_COMMANDS } from './commands.ts';
import { CONFIG_PATH_DEFAULT } from './global-options.ts';
import { helpOfCommand, helpOverview } from './help.ts';
import { findCommand, givenTo, type ParsedLine, parseCommandLine } from './parse-command-line.ts';

/** Runs one command line (without the program's name). The answer is the exit status. Never rejects. */
export async function runCli(line: readonly string[], environment: CliEnvironment): Promise<number> {
	try {
		return await runLine(parseCommandLine(line), environment);
	} catch (error) {
		const shown = error instanceof OctroiError ? error : defect(error);
		writeError(shown, line.includes('--json'), environment);
		return ERROR_CODES[shown.code];
	}
}

async function runLine(line: ParsedLine, environment: CliEnvironment): Promise<number> {
	if (line.flags.has('version')) {
		environment.writeOut(`octroi ${environment.version}\n`);
		return 0;
	}
	const isHelp = line.words[0] === 'help' || line.flags.has('help');
	const command = findCommand(line.words[0] === 'help' ? line.words.slice(1) : line.words);
	if (!('run' in command)) {
		const help = helpOverview(CLI_COMMANDS, command.group);
		if (isHelp) {
			environment.writeOut(help);
			return 0;
		}
		// People get the help that they would ask for next; programs see the status.
		if (!line.flags.has('json')) environment.writeOut(`${help}\n`);
		const missing = command.group === undefined ? 'a command is missing' : `${command.group} needs a command`;
		throw new OctroiError('usage', missing, { fix: `octroi ${command.group ?? ''} --help`.replace('  ', ' ') });
	}
	if (isHelp) {
		environment.writeOut(helpOfCommand(command));
		return 0;
	}
	const answer = await command.run(givenTo(command, line), contextOf(line, environment));
	const text = line.flags.has('json') ? jsonText(answer.json) : printableText(answer.text);
	if (text !== '') {
		environment.writeOut(text);
	}
	return answer.exitStatus ?? 0;
}

function contextOf(line: ParsedLine, environment: CliEnvironment): CliContext {
	const configPath = line.options.config ?? CONFIG_PATH_DEFAULT;
	const where = { configPath, isConfigNamed: line.options.config !== undefined };
	const socketOf = (command: CommandName) => line.options.socket ?? socketFor(command, where);
	return {
		environment,
		configPath,
		loadConfig: () => loadConfig(configPath),
		socketOf,
		ask: async (command, given) => askAgent({ path: socketOf(command) }, command, given),
	};
}

function jsonText(value: unknown): string {
	return value === undefined ? '' : `${printableJson(value)}\n`;
}

function writeError(error: OctroiError, isJson: boolean, environment: CliEnvironment): void {
	if (isJson) {
		const { code, message, fix } = error;
		environment.writeError(jsonText({ error: { code, message, ...(fix === undefined ? {} : { fix }) } }));
		return;
	}
	const fix = error.fix === undefined ? '' : `  fix: ${error.fix}\n`;
	environment.writeError(printableText(`octroi: ${error.message}\n${fix}`));
}

function defect(error: unknown): OctroiError {
	const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
	return new OctroiError('internal', `a defect in octroi: ${stack}`, { fix: 'please report it', cause: error });
}
