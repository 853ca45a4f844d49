import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const accountCreate: CliCommand = {
	words: ['account', 'create'],
	summary: 'create an account',
	details: ['Creating one that exists changes nothing and succeeds.'],
	arguments: [
		{ name: 'ACCOUNT', about: 'its id: 1 to 64 of a-z, 0-9, ".", "_" and "-", starting with a letter or digit' },
	],
	examples: [{ line: 'octroi account create room-1', about: 'an empty account' }],
	exits: [2, 4, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const done = await ask('account.create', { account: readAccount(given.ACCOUNT) });
		const what = done.answer === 'exists' ? 'exists already' : 'is created';
		return { text: `account ${done.account} ${what}\n`, json: done };
	},
};
