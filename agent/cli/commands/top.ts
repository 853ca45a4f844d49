import { oneOf } from '../../core/value-rule.ts';
import type { CliCommand } from '../cli-command.ts';
import { readValue } from '../read-value.ts';

const screen = oneOf(['overview', 'stations', 'ledger', 'system']);

export const top: CliCommand = {
	words: ['top'],
	summary: 'show a live dashboard: traffic, stations, sales, alerts',
	details: [
		'Keys stand at the bottom, ? explains them; the mouse works. Actions (block, unblock, top up, detach) are confirmed, and',
		'need the control socket. When the agent restarts, the dashboard says so and comes back. NO_COLOR is respected.',
	],
	options: [
		{ name: 'screen', value: 'NAME', about: 'open first: overview, stations, ledger or system (default: overview)' },
		{ name: 'read-only', about: 'offer no actions: for a display that the public can reach' },
		{ name: 'ascii', about: 'draw with plain characters, for a serial console' },
	],
	examples: [
		{ line: 'octroi top', about: 'on the router' },
		{ line: 'octroi top --screen stations', about: 'on the list of stations' },
		{ line: 'octroi top --read-only', about: 'on a display in the lobby' },
		{ line: 'octroi top --ascii', about: 'on a serial console' },
	],
	exits: [2],
	async run({ flags, options }, { environment, socketOf }) {
		const isReadOnly = flags.has('read-only');
		await environment.runTop({
			status: socketOf('status'),
			control: isReadOnly ? undefined : socketOf('account.block'),
			isAscii: flags.has('ascii'),
			screen: readValue(screen, options.screen ?? 'overview'),
		});
		return { text: '', json: undefined };
	},
};
