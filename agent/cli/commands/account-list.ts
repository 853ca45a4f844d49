import { liveBalance } from '../../status/live-account.ts';
import { formatBytes, formatDuration } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatTable } from '../format-table.ts';

const columns = [
	{ title: 'ACCOUNT' },
	{ title: 'STATE' },
	{ title: 'BYTES', align: 'right' },
	{ title: 'RESERVED', align: 'right' },
	{ title: 'TIME', align: 'right' },
	{ title: 'RESERVED', align: 'right' },
	{ title: 'STATIONS' },
] as const;

export const accountList: CliCommand = {
	words: ['account', 'list'],
	summary: 'list the accounts with their balances',
	details: ['Bytes and time are what is left now; reserved is the part of it that open grants hold.'],
	examples: [{ line: 'octroi account list', about: 'all accounts' }],
	exits: [2, 5, 6],
	async run(_given, { ask }) {
		const accounts = await ask('account.list', {});
		const rows = accounts.map((row) => {
			const { byte, second } = liveBalance(row);
			return [
				row.account,
				row.state,
				formatBytes(byte.available + byte.reserved),
				formatBytes(byte.reserved),
				formatDuration(second.available + second.reserved),
				formatDuration(second.reserved),
				row.stations.length === 0 ? '-' : row.stations.join(', '),
			];
		});
		return { text: formatTable(columns, rows, 'no accounts'), json: accounts };
	},
};
