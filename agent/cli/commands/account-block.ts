import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const accountBlock: CliCommand = {
	words: ['account', 'block'],
	summary: 'stop all stations of an account at once',
	details: ['The balance stays. What was used until now is charged.'],
	arguments: [{ name: 'ACCOUNT', about: "the account's id" }],
	examples: [{ line: 'octroi account block room-1', about: 'until it is unblocked' }],
	exits: [2, 3, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const done = await ask('account.block', { account: readAccount(given.ACCOUNT) });
		const what = done.answer === 'exists' ? 'was blocked already' : 'is blocked';
		return { text: `account ${done.account} ${what}\n`, json: done };
	},
};
