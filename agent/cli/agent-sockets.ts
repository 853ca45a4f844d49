import { loadConfig } from '../config/load-config.ts';
import { CONFIG_OPTIONS } from '../config/options.ts';
import { OctroiError } from '../core/octroi-error.ts';
import { COMMAND_SHAPES, type CommandName } from '../status/commands.ts';

/**
 * The socket on which to ask: the open one for what only reads, so that it works for every user.
 * Without `--config`, a file that is missing or secret does not matter: the default sockets are tried.
 *
 * @throws OctroiError `config_invalid`
 */
export function socketFor(command: CommandName, options: { configPath: string; isConfigNamed: boolean }): string {
	const which = COMMAND_SHAPES[command].readOnly ? 'status' : 'control';
	try {
		return loadConfig(options.configPath)[which];
	} catch (error) {
		const cause = error instanceof OctroiError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
		if (!options.isConfigNamed && (cause?.code === 'ENOENT' || cause?.code === 'EACCES')) {
			return CONFIG_OPTIONS.find((option) => option.path === which)?.default as string;
		}
		throw error;
	}
}
