import type { CliCommand } from '../cli-command.ts';
import { batchCells, batchColumns } from '../format-batch.ts';
import { formatTable } from '../format-table.ts';

export const voucherList: CliCommand = {
	words: ['voucher', 'list'],
	summary: 'list the batches of codes, and how many of each are used',
	examples: [{ line: 'octroi voucher list', about: 'all batches' }],
	exits: [2, 5, 6],
	async run(_given, { ask }) {
		const batches = await ask('voucher.list', {});
		return { text: formatTable(batchColumns, batches.map(batchCells), 'no batches'), json: batches };
	},
};
