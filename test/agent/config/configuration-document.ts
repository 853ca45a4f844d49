import type { Option } from '../../../agent/config/option.ts';
import { CONFIG_BYTES_MAX, CONFIG_OPTIONS } from '../../../agent/config/options.ts';
import { PLAN_OPTIONS, PLANS_MAX, TARIFF_OPTIONS, TARIFFS_MAX } from '../../../agent/config/plan-options.ts';

/** `docs/configuration.md`, from the table of options. */
export function configurationDocument(): string {
	return `# Configuration

One JSON file, \`/etc/octroi/config.json\` unless \`--config FILE\` says otherwise, of at most ${CONFIG_BYTES_MAX / 1024} KiB.
[example-config.json](example-config.json) is a complete one. The agent reads it when it starts and refuses to start
with a wrong one: it then lists every problem with its place and what to do. Unknown options are problems too.

A change takes effect with a restart of the agent. A restart loses no byte, and the kernel goes on enforcing meanwhile.

This file is made from the agent's own table of options (\`agent/config/options.ts\`).

## Options

${CONFIG_OPTIONS.map((option) => optionText(option, option.path)).join('\n')}
### \`plans\`

What can be bought: a list of at most ${PLANS_MAX} plans.

- Default: \`[]\`
- Takes effect: after a restart of the agent
- Beware: A package that was bought keeps the terms of its plan as they were then.

[plans.md](plans.md) has an example of every kind, with what is charged.

### \`tariffs\`

How money is turned into bytes or time: a list of at most ${TARIFFS_MAX} tariffs.

- Default: \`[]\`
- Takes effect: after a restart of the agent, for purchases after it
- Beware: A wallet is spent by the terms that its tariff had at the last purchase.

## Options of a plan

${PLAN_OPTIONS.map((option) => optionText(option, `plans[].${option.path}`)).join('\n')}
## Options of a tariff

${TARIFF_OPTIONS.map((option) => optionText(option, `tariffs[].${option.path}`)).join('\n')}
## What is checked across options

- \`grant.bytesMin\` is at most \`grant.bytesMax\`, and \`sample.intervalMs\` at most \`sample.commitIntervalMs\`.
- An interface is named once, either in \`devices.metered\` or in \`devices.free\`.
- \`database\`, \`control\`, \`status\` and \`leases\` are four different paths.
- Ranges of the garden do not overlap, nor do those that are zero-rated; a name is in one of the two lists.
- The portal's two ports differ.
- Names of plans differ. A plan has exactly one of \`bytes\`, \`seconds\` and \`micro\`, a tariff exactly if it has \`micro\`, and a
  rate exactly if it throttles. It has at most one grace allowance, and only if it blocks.
- \`renews\`, \`addOn\` and \`validFrom\` = \`first-use\` need \`validForSeconds\`, and exclude each other.
- Names of tariffs differ. A tariff has exactly one of \`microPerMegabyte\`, \`microPerMebibyte\` and \`microPerMinute\`.
`;
}

function optionText(option: Option, path: string): string {
	const unit = option.unit === undefined ? '' : `, in ${option.unit}`;
	const lines = [
		`### \`${path}\`\n`,
		`${option.title}.\n`,
		`- Accepts: ${option.rule.accepts}${unit}`,
		`- Default: ${defaultText(option)}`,
		`- Takes effect: ${option.needsRestart ? 'after a restart of the agent' : 'at once'}`,
		`- Beware: ${option.caution}`,
	];
	return `${lines.join('\n')}\n`;
}

function defaultText(option: Option): string {
	if (option.required) {
		return 'none, it must be given';
	}
	return option.default === undefined ? 'absent' : `\`${JSON.stringify(option.default)}\``;
}
