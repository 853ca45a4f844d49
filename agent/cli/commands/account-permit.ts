import { formatAmount } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { readAmount } from '../read-amount.ts';
import { readAccount } from '../read-value.ts';

export const accountPermit: CliCommand = {
	words: ['account', 'permit'],
	summary: 'let somebody take credit from an account, once, by a code',
	details: [
		'Whoever is a member of a group of the account may take it; with --to only that account.',
		'Nothing is set aside: what is used up until then cannot be taken.',
	],
	arguments: [
		{ name: 'ACCOUNT', about: "the giver's id" },
		{ name: 'AMOUNT', about: '100MB, 2h, or a whole number of the unit' },
		{ name: 'UNIT', about: 'byte, second or micro (millionths of the currency)' },
	],
	options: [
		{ name: 'to', value: 'ACCOUNT', about: 'who may take it (default: members of a group of the giver)' },
		{ name: 'code', value: 'CODE', about: 'the code (default: one that nobody guesses)' },
	],
	examples: [{ line: 'octroi account permit room-1 100MB byte', about: 'prints the code for 100 MB' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given, options }, { ask }) {
		const done = await ask('account.permit', {
			account: readAccount(given.ACCOUNT),
			...readAmount(given.AMOUNT, given.UNIT),
			...(options.to === undefined ? {} : { taker: readAccount(options.to) }),
			...(options.code === undefined ? {} : { code: options.code }),
		});
		return {
			text: `${done.code} takes ${formatAmount(done.unit, done.amount)} from ${done.account}, once\n`,
			json: done,
		};
	},
};
