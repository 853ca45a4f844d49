import { AMOUNT_MAX } from '../../core/units.ts';
import type { CliCommand } from '../cli-command.ts';
import { readAccount, readWhole } from '../read-value.ts';

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
		{ name: 'bytes', value: 'N', about: 'allowance of bytes' },
		{ name: 'seconds', value: 'N', about: 'allowance of seconds' },
		{ name: 'micro', value: 'N', about: 'allowance of money, in millionths of the currency' },
	],
	examples: [{ line: 'octroi group join family ann --bytes 1073741824', about: '1 GiB in each cycle' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given, options }, { ask }) {
		const allowance = Object.fromEntries(
			(['bytes', 'seconds', 'micro'] as const).flatMap((unit) => {
				const text = options[unit];
				return text === undefined ? [] : [[unit, readWhole(`--${unit}`, text, { min: 0, max: AMOUNT_MAX })]];
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
