import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const renewalEnd: CliCommand = {
	words: ['renewal', 'end'],
	summary: 'issue a package that renews no more; the present cycle runs to its end',
	arguments: [
		{ name: 'ACCOUNT', about: "the account's id" },
		{ name: 'RENEWAL', about: 'its id, from `octroi account show`: that of the first purchase' },
	],
	examples: [{ line: 'octroi renewal end room-1 receipt-4711', about: 'the last cycle' }],
	exits: [2, 3, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const done = await ask('renewal.end', { account: readAccount(given.ACCOUNT), renewal: given.RENEWAL ?? '' });
		return { text: `${given.RENEWAL} of ${done.account} ends with the present cycle\n`, json: done };
	},
};
