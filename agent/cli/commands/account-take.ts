import { formatAmount } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const accountTake: CliCommand = {
	words: ['account', 'take'],
	summary: 'take what a permission code allows',
	arguments: [
		{ name: 'ACCOUNT', about: 'who gets it' },
		{ name: 'CODE', about: "the giver's code, in any case" },
	],
	options: [{ name: 'id', value: 'TRANSFER', about: 'an id for this transfer: asking twice with it moves once' }],
	examples: [{ line: 'octroi account take room-2 abcd-efgh-2345-6789', about: 'credit from another account' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given, options }, { ask }) {
		const done = await ask('account.take', {
			account: readAccount(given.ACCOUNT),
			code: given.CODE ?? '',
			...(options.id === undefined ? {} : { transfer: options.id }),
		});
		return { text: `${done.account} has got ${formatAmount(done.unit, done.amount)} from ${done.giver}\n`, json: done };
	},
};
