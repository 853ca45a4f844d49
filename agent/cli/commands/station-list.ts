import { formatAmount, formatBytes, formatRate } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatTable } from '../format-table.ts';

const columns = [
	{ title: 'MAC' },
	{ title: 'NAME' },
	{ title: 'ADDRESS' },
	{ title: 'STATE' },
	{ title: 'ACCOUNT' },
	{ title: 'UP', align: 'right' },
	{ title: 'DOWN', align: 'right' },
	{ title: 'TETHERED', align: 'right' },
	{ title: 'RATE', align: 'right' },
	{ title: 'REMAINING', align: 'right' },
	{ title: 'REASON' },
] as const;

export const stationList: CliCommand = {
	words: ['station', 'list'],
	summary: 'list the stations that have been seen, with their state and traffic',
	details: [
		'States: unknown (not heard of yet), walled (nobody pays: only the walled garden), active, throttled (used up, slowed down),',
		'blocked (used up, or by the operator), gone (not heard any more).',
	],
	examples: [{ line: 'octroi station list', about: 'everybody on the access point' }],
	exits: [2, 5, 6],
	async run(_given, { ask }) {
		const stations = await ask('station.list', {});
		const rows = stations.map((station) => [
			station.mac,
			station.name ?? '-',
			station.addresses[0] ?? '-',
			station.state,
			station.account ?? '-',
			formatBytes(station.upBytes),
			formatBytes(station.downBytes),
			station.tethered === undefined ? '-' : formatBytes(station.tethered.upBytes + station.tethered.downBytes),
			formatRate(station.upBytesPerSecond + station.downBytesPerSecond),
			station.remaining === undefined ? '-' : formatAmount(station.remaining.unit, station.remaining.amount),
			station.reason,
		]);
		return { text: formatTable(columns, rows, 'no stations'), json: stations };
	},
};
