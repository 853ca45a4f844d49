import type { CliCommand, CliOption } from './cli-command.ts';
import { EXIT_STATUSES } from './exit-status.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';

/** `octroi --help`, and `octroi station --help` with the commands of that group. */
export function helpOverview(commands: readonly CliCommand[], group?: string): string {
	const shown = commands.filter(({ words }) => group === undefined || words[0] === group);
	return [
		'octroi: the prepaid meter of a Wi-Fi access point\n',
		`\nUsage: octroi ${group ?? 'COMMAND'} ${group === undefined ? '' : 'COMMAND '}[ARGUMENTS] [OPTIONS]\n`,
		section(
			'Commands',
			shown.map((command) => [usageWords(command), command.summary]),
		),
		section('Options of every command', GLOBAL_OPTIONS.map(optionRow)),
		'\n`octroi help COMMAND` explains one command. Exit statuses and all else: docs/cli.md\n',
	].join('');
}

/** `octroi station attach --help` */
export function helpOfCommand(command: CliCommand): string {
	const options = command.options ?? [];
	const required = options.filter((option) => option.required).map((option) => ` --${option.name} ${option.value}`);
	return [
		`octroi ${command.words.join(' ')}: ${command.summary}\n`,
		`\nUsage: octroi ${usageWords(command)}${required.join('')} [OPTIONS]\n`,
		...(command.details === undefined ? [] : ['\n', ...command.details.map((sentence) => `${sentence}\n`)]),
		section(
			'Arguments',
			(command.arguments ?? []).map(({ name, about }) => [name, about]),
		),
		section('Options', [...options, ...GLOBAL_OPTIONS].map(optionRow)),
		section(
			'Examples',
			command.examples.map(({ line, about }) => [line, about]),
		),
		section(
			'Exit status',
			[0, ...command.exits].map((exit) => [String(exit), EXIT_STATUSES[exit] ?? '']),
		),
	].join('');
}

function usageWords(command: CliCommand): string {
	return [...command.words, ...(command.arguments ?? []).map(({ name }) => name)].join(' ');
}

function optionRow(option: CliOption): [string, string] {
	const value = option.value === undefined ? '' : ` ${option.value}`;
	return [`--${option.name}${value}`, option.about];
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
	if (rows.length === 0) {
		return '';
	}
	const width = Math.max(...rows.map(([left]) => left.length));
	return `\n${title}:\n${rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')}`;
}
