import type { Config } from '../config/config.ts';
import type { ArgumentsOf, CommandName, ResultOf } from '../status/commands.ts';
import type { CliEnvironment } from './cli-environment.ts';

/** One command of `octroi`: its help, its documentation and its parsing come from here. */
export type CliCommand = {
	/** `['station', 'attach']` */
	readonly words: readonly string[];
	/** One line, no full stop. */
	readonly summary: string;
	/** Whole sentences below the usage line. */
	readonly details?: readonly string[];
	readonly arguments?: readonly { name: string; about: string }[];
	readonly options?: readonly CliOption[];
	readonly examples: readonly { line: string; about: string }[];
	/** Exit statuses other than 0; `exit-status.ts` says what they mean. */
	readonly exits: readonly number[];
	run(given: Given, context: CliContext): Promise<CliAnswer>;
};

/** An option without `value` is a flag. */
export type CliOption = {
	readonly name: string;
	readonly value?: string;
	readonly about: string;
	readonly required?: true;
};

export type Given = {
	/** By the argument's name: `MAC`. All are there. */
	readonly arguments: Readonly<Record<string, string>>;
	/** Options with a value, by name; those that were not given are absent. */
	readonly options: Readonly<Record<string, string>>;
	/** Options without a value that were given. */
	readonly flags: ReadonlySet<string>;
};

export type CliAnswer = {
	/** For people; ends with a line feed, or is empty. */
	readonly text: string;
	/** For programs: exact numbers. Undefined prints nothing. */
	readonly json: unknown;
	/** Default 0. */
	readonly exitStatus?: number;
};

export type CliContext = {
	readonly environment: CliEnvironment;
	readonly configPath: string;
	/** @throws OctroiError `config_invalid` */
	loadConfig(): Config;
	/** The socket on which that command is asked. @throws OctroiError `config_invalid` */
	socketOf(command: CommandName): string;
	/** Asks the running agent. @throws OctroiError of any code that the command has; `agent_unreachable` */
	ask<Name extends CommandName>(command: Name, given: ArgumentsOf<Name>): Promise<ResultOf<Name>>;
};
