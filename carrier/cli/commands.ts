import { ACCOUNT_COMMANDS } from './account-commands.ts';
import { ADMISSION_COMMANDS } from './admission-commands.ts';
import type { CliCommand } from './cli-command.ts';
import { FLEET_COMMANDS } from './fleet-commands.ts';
import { PLATFORM_COMMANDS } from './platform-commands.ts';
import { SALE_COMMANDS } from './sale-commands.ts';

/** Every command, in the order of the help. */
export const CARRIER_COMMANDS: readonly CliCommand[] = [
	...PLATFORM_COMMANDS,
	...FLEET_COMMANDS,
	...ACCOUNT_COMMANDS,
	...ADMISSION_COMMANDS,
	...SALE_COMMANDS,
];
