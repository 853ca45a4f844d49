import type { UsageRecord } from '../../status/protocol.ts';
import { formatBytes, formatDuration, formatMoney, formatTime } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatTable } from '../format-table.ts';
import { readAccount, readLimit } from '../read-value.ts';

const columns = [
	{ title: 'SESSION' },
	{ title: 'STATION' },
	{ title: 'START' },
	{ title: 'END' },
	{ title: 'REASON' },
	{ title: 'BYTES', align: 'right' },
	{ title: 'TETHERED', align: 'right' },
	{ title: 'TIME', align: 'right' },
	{ title: 'COST', align: 'right' },
] as const;

export const recordList: CliCommand = {
	words: ['record', 'list'],
	summary: 'list the usage records of an account, newest first',
	arguments: [{ name: 'ACCOUNT', about: "the account's id" }],
	options: [{ name: 'limit', value: 'N', about: 'how many, 1 to 1000 (default: 50)' }],
	examples: [{ line: 'octroi record list room-1 --limit 5', about: 'the last five sessions' }],
	exits: [2, 3, 5, 6],
	async run({ arguments: given, options }, { ask }) {
		const records = await ask('record.list', { account: readAccount(given.ACCOUNT), limit: readLimit(options.limit) });
		return { text: formatTable(columns, records.map(cells), 'no sessions'), json: records };
	},
};

function cells(record: UsageRecord): string[] {
	return [
		record.session,
		record.mac,
		formatTime(record.startWallMs),
		record.endWallMs === undefined ? 'open' : formatTime(record.endWallMs),
		record.endReason ?? '-',
		formatBytes(record.upBytes + record.downBytes),
		formatBytes(record.tetheredBytes),
		formatDuration(record.seconds),
		formatMoney(record.costMicro),
	];
}
