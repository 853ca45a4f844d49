import type { CliCommand } from '../cli-command.ts';
import { formatTable } from '../format-table.ts';

const columns = [{ title: 'CODE' }, { title: 'ACCOUNT' }, { title: 'FOR', align: 'right' }] as const;

export const pairList: CliCommand = {
	words: ['pair', 'list'],
	summary: 'list the codes of devices that are being paired',
	examples: [{ line: 'octroi pair list', about: 'what the display shows' }],
	exits: [2, 5, 6],
	async run(_given, { ask }) {
		const pairings = await ask('pair.list', {});
		const rows = pairings.map(({ code, account, validMs }) => [code, account, `${Math.floor(validMs / 1000)} s`]);
		return { text: formatTable(columns, rows, 'no device is being paired'), json: pairings };
	},
};
