import { readFileSync } from 'node:fs';
import test from 'ava';
import { CLI_COMMANDS } from '../../../agent/cli/commands.ts';
import { EXIT_STATUSES } from '../../../agent/cli/exit-status.ts';
import { GLOBAL_OPTIONS } from '../../../agent/cli/global-options.ts';
import { findCommand, givenTo, parseCommandLine } from '../../../agent/cli/parse-command-line.ts';
import { ERROR_CODES } from '../../../agent/core/error-codes.ts';
import { COMMAND_SHAPES } from '../../../agent/status/commands.ts';
import { STATION_STATES } from '../../../agent/status/protocol.ts';
import { matchesGolden } from '../../golden.ts';
import { cliDocument } from './cli-document.ts';

test('docs/cli.md says what the help says', (t) => {
	matchesGolden(t, 'docs/cli.md', cliDocument());
});

test('docs/cli.md explains every state of a station', (t) => {
	const explained = [...cliDocument().matchAll(/^\| ([a-z]+) \| /gm)].map((match) => match[1] as string);
	t.deepEqual(
		explained.filter((word) => word !== 'status' && word !== 'state'),
		[...STATION_STATES],
	);
});

test('docs/errors.md has every code with its exit status, and no other', (t) => {
	const rows = readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `([a-z_]+)` \| (\d+) \| (.+) \| (.+) \|$/gm);
	const documented = [...rows].map(([, code, status]) => [code, Number(status)]);
	t.deepEqual(documented, Object.entries(ERROR_CODES));
});

test('every exit status has a meaning, and every meaning is used', (t) => {
	t.deepEqual(
		Object.keys(EXIT_STATUSES).map(Number),
		[...new Set([0, ...Object.values(ERROR_CODES)])].sort((left, right) => left - right),
	);
});

test('every example is a command line that octroi takes', (t) => {
	for (const command of CLI_COMMANDS) {
		t.true(command.examples.length > 0, command.words.join(' '));
		for (const { line } of command.examples) {
			const parsed = parseCommandLine(line.split(' ').slice(1));
			t.is(findCommand(parsed.words), command, line);
			t.notThrows(() => givenTo(command, parsed), line);
		}
	}
});

test('a name is always a flag or always takes a value', (t) => {
	const kinds = new Map<string, boolean>();
	for (const { name, value } of [...GLOBAL_OPTIONS, ...CLI_COMMANDS.flatMap(({ options = [] }) => options)]) {
		t.is(kinds.get(name) ?? value !== undefined, value !== undefined, name);
		kinds.set(name, value !== undefined);
	}
});

test('every command of the agent can be given on the command line, except for ping and watch', (t) => {
	const words = CLI_COMMANDS.map((command) => command.words.join('.'));
	t.deepEqual(
		Object.keys(COMMAND_SHAPES).filter((name) => !words.includes(name)),
		['ping', 'watch'],
	);
});
