import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const accountUnblock: CliCommand = {
	words: ['account', 'unblock'],
	summary: 'allow a blocked account to be spent again',
	details: ['Its stations go on at once.'],
	arguments: [{ name: 'ACCOUNT', about: "the account's id" }],
	examples: [{ line: 'octroi account unblock room-1', about: 'its stations go on' }],
	exits: [2, 3, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const done = await ask('account.unblock', { account: readAccount(given.ACCOUNT) });
		const what = done.answer === 'exists' ? 'was not blocked' : 'is not blocked any more';
		return { text: `account ${done.account} ${what}\n`, json: done };
	},
};
