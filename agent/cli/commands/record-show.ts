import { formatBytes, formatDuration, formatMoney, formatTime } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatFields } from '../format-table.ts';

export const recordShow: CliCommand = {
	words: ['record', 'show'],
	summary: 'show one usage record',
	arguments: [{ name: 'SESSION', about: 'its id, from `octroi record list`' }],
	examples: [{ line: 'octroi record show 2f1c6f0e-4a51-4b60-b7bb-6a6f2f1c1c11', about: 'start, end, use and cost' }],
	exits: [2, 3, 5, 6],
	async run({ arguments: given }, { ask }) {
		const record = await ask('record.show', { session: given.SESSION ?? '' });
		const text = formatFields([
			['session', record.session],
			['account', record.account],
			['station', record.mac],
			['start', formatTime(record.startWallMs)],
			['end', record.endWallMs === undefined ? 'open' : formatTime(record.endWallMs)],
			['reason of end', record.endReason ?? '-'],
			['sent', formatBytes(record.upBytes)],
			['received', formatBytes(record.downBytes)],
			['of both tethered', formatBytes(record.tetheredBytes)],
			['charged time', formatDuration(record.seconds)],
			['cost', formatMoney(record.costMicro)],
		]);
		return { text, json: record };
	},
};
