import { batchNameRule } from '../../status/code-commands.ts';
import { formatTime } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { batchCells, batchColumns } from '../format-batch.ts';
import { formatTable } from '../format-table.ts';
import { readValue } from '../read-value.ts';

const columns = [
	{ title: 'SERIAL', align: 'right' },
	{ title: 'STATE' },
	{ title: 'ROLE' },
	{ title: 'ACCOUNT' },
	{ title: 'REDEEMED' },
] as const;

export const voucherShow: CliCommand = {
	words: ['voucher', 'show'],
	summary: 'show one batch with the state of each voucher',
	details: ['By serial number, as printed on the card. Codes cannot be shown.'],
	arguments: [{ name: 'BATCH', about: "the batch's name" }],
	examples: [{ line: 'octroi voucher show summer', about: 'who has redeemed what' }],
	exits: [2, 3, 5, 6],
	async run({ arguments: given }, { ask }) {
		const shown = await ask('voucher.show', { batch: readValue(batchNameRule, given.BATCH) });
		const rows = shown.vouchers.map(({ serial, state, role, account, redeemedWallMs }) => [
			String(serial),
			state,
			role,
			account ?? '-',
			redeemedWallMs === undefined ? '-' : formatTime(redeemedWallMs),
		]);
		const batch = formatTable(batchColumns, [batchCells(shown.batch)], '');
		return { text: `${batch}\n${formatTable(columns, rows, 'no vouchers')}`, json: shown };
	},
};
