import type { CliCommand } from '../cli-command.ts';
import { readAmountText } from '../read-amount.ts';
import { readAccount } from '../read-value.ts';

export const groupJoin: CliCommand = {
	words: ['group', 'join'],
	summary: 'let an account spend what another one, the group, has bought',
	details: [
		'Any account is a group as soon as it has members. Plans for the group are credited to it like to any other.',
		'An allowance bounds what the member draws in one cycle of the group; without one, as much as there is.',
		'Repeated with another allowance, it replaces the former one.',
	],
	arguments: [
		{ name: 'GROUP', about: "the group's account" },
		{ name: 'ACCOUNT', about: "the member's account" },
	],
	options: [
		{ name: 'bytes', value: 'AMOUNT', about: 'allowance of data: 1GB, 500MB, or bytes' },
		{ name: 'seconds', value: 'AMOUNT', about: 'allowance of time: 2h, 30min, or seconds' },
		{ name: 'micro', value: 'N', about: 'allowance of money, in millionths of the currency' },
	],
	examples: [{ line: 'octroi group join family ann --bytes 1GB', about: '1 GB in each cycle' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given, options }, { ask }) {
		const allowance = Object.fromEntries(
			(
				[
					['bytes', 'byte'],
					['seconds', 'second'],
					['micro', 'micro'],
				] as const
			).flatMap(([name, unit]) => {
				const text = options[name];
				return text === undefined ? [] : [[name, readAmountText(`--${name}`, text, { unit, min: 0 }).amount]];
			}),
		);
		const done = await ask('group.join', {
			group: readAccount(given.GROUP),
			account: readAccount(given.ACCOUNT),
			...allowance,
		});
		return { text: `${done.account} is a member of ${done.group}\n`, json: done };
	},
};
