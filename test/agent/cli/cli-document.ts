import { CLI_COMMANDS } from '../../../agent/cli/commands.ts';
import { EXIT_STATUSES } from '../../../agent/cli/exit-status.ts';
import { helpOfCommand, helpOverview } from '../../../agent/cli/help.ts';

/** `docs/cli.md`, from the table of commands. */
export function cliDocument(): string {
	return `# The command line

In a checkout \`npx octroi …\` runs it after \`npm run build\`. This file is made from the help texts.

What only reads goes to the status socket, for the members of its group; what changes something goes to the control
socket, for its owner. Both are named in the [configuration](configuration.md). Options may stand before or after the command.

For people, amounts are rounded down and have decimal units, as data is sold: 1 MB is 1,000,000 bytes; rates are in bits per second. With
\`--json\` all amounts are exact: bytes, seconds, and milliseconds since 1970 for times. Characters that could
steer the terminal are replaced in text and escaped in JSON. There are no colours.

An error is printed to the standard error as \`octroi: what happened\` and \`  fix: what to do\`; [errors.md](errors.md) lists all.

## Exit status

| status | meaning |
|---|---|
${Object.entries(EXIT_STATUSES)
	.map(([status, meaning]) => `| ${status} | ${meaning} |`)
	.join('\n')}

## States of a station

| state | meaning |
|---|---|
| unknown | it has a lease, or was named by the operator, but was not heard of yet |
| walled | it is there and no account pays for it: only the walled garden |
| active | it spends the bytes or the time of its account |
| throttled | its package is used up and goes on at a lower rate |
| blocked | its account has nothing left, or is blocked by the operator |
| gone | the router no longer hears it |

## octroi

\`\`\`
${helpOverview(CLI_COMMANDS)}\`\`\`
${CLI_COMMANDS.map((command) => `\n## octroi ${command.words.join(' ')}\n\n\`\`\`\n${helpOfCommand(command)}\`\`\`\n`).join('')}`;
}
