import { formatAmount } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const accountMerge: CliCommand = {
	words: ['account', 'merge'],
	summary: 'move all that an account has to another: packages, money, stations',
	details: [
		'Packages keep their plan, expiry and terms. All of it goes, or nothing: what cannot go as it is is refused, with the reason.',
		'Asking again moves what is left. FROM stays, empty, with its history; a code that opens FROM opens FROM as before.',
	],
	arguments: [
		{ name: 'FROM', about: 'who has nothing afterwards' },
		{ name: 'INTO', about: 'who gets it' },
	],
	examples: [{ line: 'octroi account merge room-2 room-1', about: "what room-2 has is room-1's from now on" }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const done = await ask('account.merge', { account: readAccount(given.FROM), into: readAccount(given.INTO) });
		const amounts = (['byte', 'second', 'micro'] as const)
			.filter((unit) => done.moved[unit] > 0)
			.map((unit) => formatAmount(unit, done.moved[unit]));
		const credit =
			amounts.length === 0 ? 'nothing was left to move' : `has got ${amounts.join(', ')} from ${done.account}`;
		const stations = done.stations.map((mac) => `  ${mac} spends ${done.into}\n`).join('');
		return { text: `${done.into}: ${credit}\n${stations}`, json: done };
	},
};
