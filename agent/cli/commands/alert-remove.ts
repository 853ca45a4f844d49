import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const alertRemove: CliCommand = {
	words: ['alert', 'remove'],
	summary: 'remove an alert',
	arguments: [
		{ name: 'ACCOUNT', about: "the account's id" },
		{ name: 'ALERT', about: 'its name' },
	],
	examples: [{ line: 'octroi alert remove room-1 low', about: 'no warning any more' }],
	exits: [2, 3, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const done = await ask('alert.remove', { account: readAccount(given.ACCOUNT), alert: given.ALERT ?? '' });
		return { text: `alert ${given.ALERT} of ${done.account} is removed\n`, json: done };
	},
};
