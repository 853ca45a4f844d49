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
	details: ['Reserved is what open grants hold; it belongs to the account, beside what is available.'],
	examples: [{ line: 'octroi account list', about: 'all accounts' }],
	exits: [2, 5, 6],
	async run(_given, { ask }) {
		const accounts = await ask('account.list', {});
		const rows = accounts.map(({ account, state, balance, stations }) => [
			account,
			state,
			formatBytes(balance.byte.available),
			formatBytes(balance.byte.reserved),
			formatDuration(balance.second.available),
			formatDuration(balance.second.reserved),
			stations.length === 0 ? '-' : stations.join(', '),
		]);
		return { text: formatTable(columns, rows, 'no accounts'), json: accounts };
	},
};
