import type { CliOption } from './cli-command.ts';

export const CONFIG_PATH_DEFAULT = '/etc/octroi/config.json';

/** Every command takes these, before or after its words. */
export const GLOBAL_OPTIONS: readonly CliOption[] = [
	{ name: 'config', value: 'FILE', about: `the configuration (default: ${CONFIG_PATH_DEFAULT})` },
	{ name: 'socket', value: 'PATH', about: "the agent's socket (default: as configured)" },
	{ name: 'json', about: 'print JSON, with exact bytes and seconds; errors too' },
	{ name: 'help', about: 'explain the command' },
	{ name: 'version', about: 'print the version' },
];
