import type { Member } from '../../status/protocol.ts';
import { formatAmount } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatTable } from '../format-table.ts';
import { readAccount } from '../read-value.ts';

export const memberColumns = [
	{ title: 'MEMBER' },
	{ title: 'DRAWN IN THIS CYCLE', align: 'right' },
	{ title: 'ALLOWANCE', align: 'right' },
] as const;

export const groupShow: CliCommand = {
	words: ['group', 'show'],
	summary: 'list the members of a group with what they have drawn',
	arguments: [{ name: 'GROUP', about: "the group's account" }],
	examples: [{ line: 'octroi group show family', about: 'who uses how much' }],
	exits: [2, 3, 5, 6],
	async run({ arguments: given }, { ask }) {
		const members = await ask('group.show', { group: readAccount(given.GROUP) });
		return { text: formatTable(memberColumns, members.map(memberCells), 'no members'), json: members };
	},
};

export function memberCells({ account, allowance, drawn }: Member): string[] {
	const units = ['byte', 'second', 'micro'] as const;
	const used = units.filter((unit) => drawn[unit] > 0).map((unit) => formatAmount(unit, drawn[unit]));
	const allowed = units.flatMap((unit) => {
		const amount = allowance[unit];
		return amount === undefined ? [] : [formatAmount(unit, amount)];
	});
	return [account, used.join(', ') || '-', allowed.join(', ') || 'no limit'];
}
