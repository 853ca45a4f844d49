import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const groupLeave: CliCommand = {
	words: ['group', 'leave'],
	summary: 'end a membership',
	details: ['What the member has reserved by then is settled as before, and the rest goes back to the group.'],
	arguments: [
		{ name: 'GROUP', about: "the group's account" },
		{ name: 'ACCOUNT', about: "the member's account" },
	],
	examples: [{ line: 'octroi group leave family ann', about: 'ann has only her own credit from now on' }],
	exits: [2, 3, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const account = readAccount(given.ACCOUNT);
		const done = await ask('group.leave', { group: readAccount(given.GROUP), account });
		return { text: `${account} is no member of ${done.group} any more\n`, json: done };
	},
};
