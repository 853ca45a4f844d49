import { oneOf } from '../../core/value-rule.ts';
import type { CliCommand } from '../cli-command.ts';
import { readValue } from '../read-value.ts';

const logLevel = oneOf(['debug', 'info', 'warn', 'error']);

export const agent: CliCommand = {
	words: ['agent'],
	summary: 'run the meter until it is told to stop',
	details: [
		'Logs one JSON object a line to the standard output. SIGTERM and SIGINT stop it; what the kernel enforces stays in force.',
		'Stations with an open grant go on until it is used up; a restart neither loses nor forgets a byte.',
	],
	options: [{ name: 'log-level', value: 'LEVEL', about: 'debug, info, warn or error (default: info)' }],
	examples: [{ line: 'octroi agent --config /etc/octroi/config.json', about: 'run in the foreground' }],
	exits: [2, 5, 6, 7, 70],
	async run({ options }, { environment, loadConfig }) {
		const level = readValue(logLevel, options['log-level'] ?? 'info');
		await environment.runAgent({ config: loadConfig(), logLevel: level });
		return { text: '', json: undefined };
	},
};
