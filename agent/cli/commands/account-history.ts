import { HISTORY_ROWS_DEFAULT, HISTORY_ROWS_MAX } from '../../status/commands.ts';
import { formatAmount, formatTime } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatTable } from '../format-table.ts';
import { readAccount, readLimit } from '../read-value.ts';

const columns = [
	{ title: 'TIME' },
	{ title: 'WHAT' },
	{ title: 'AMOUNT', align: 'right' },
	{ title: 'TETHERED', align: 'right' },
	{ title: 'PLAN' },
	{ title: 'PACKAGE' },
	{ title: 'TRANSFER' },
] as const;

export const accountHistory: CliCommand = {
	words: ['account', 'history'],
	summary: 'show the transfers of an account, newest first',
	arguments: [{ name: 'ACCOUNT', about: "the account's id" }],
	options: [
		{ name: 'limit', value: 'N', about: `how many, 1 to ${HISTORY_ROWS_MAX} (default: ${HISTORY_ROWS_DEFAULT})` },
	],
	examples: [{ line: 'octroi account history room-1 --limit 10', about: 'why the balance is what it is' }],
	exits: [2, 3, 5, 6, 7],
	async run({ arguments: given, options }, { ask }) {
		const limit = readLimit(options.limit);
		const transfers = await ask('account.history', { account: readAccount(given.ACCOUNT), limit });
		const rows = transfers.map((transfer) => [
			formatTime(transfer.wallMs),
			transfer.text,
			formatAmount(transfer.unit, transfer.amount),
			transfer.tetheredBytes === undefined ? '-' : formatAmount('byte', transfer.tetheredBytes),
			transfer.planName ?? '-',
			transfer.package ?? '-',
			transfer.id,
		]);
		return { text: formatTable(columns, rows, 'no transfers'), json: transfers };
	},
};
