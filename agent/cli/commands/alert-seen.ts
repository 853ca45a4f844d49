import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const alertSeen: CliCommand = {
	words: ['alert', 'seen'],
	summary: 'say that a raised alert was seen',
	arguments: [
		{ name: 'ACCOUNT', about: "the account's id" },
		{ name: 'ALERT', about: 'its name' },
	],
	examples: [{ line: 'octroi alert seen room-1 low', about: 'it is not shown as new any more' }],
	exits: [2, 3, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const done = await ask('alert.seen', { account: readAccount(given.ACCOUNT), alert: given.ALERT ?? '' });
		return { text: `alert ${given.ALERT} of ${done.account} was seen\n`, json: done };
	},
};
