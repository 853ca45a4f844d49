import { formatAmount, formatMoney, formatTime } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatTable } from '../format-table.ts';

const columns = [
	{ title: 'WHAT' },
	{ title: 'PLAN OR TARIFF' },
	{ title: 'AMOUNT', align: 'right' },
	{ title: 'OF IT TETHERED', align: 'right' },
	{ title: 'COST', align: 'right' },
] as const;

export const receipt: CliCommand = {
	words: ['receipt'],
	summary: 'print the itemised bill of a session',
	details: ['What a package paid was paid when it was bought, so it costs nothing here.'],
	arguments: [{ name: 'SESSION', about: 'its id, from `octroi record list`' }],
	examples: [{ line: 'octroi receipt 2f1c6f0e-4a51-4b60-b7bb-6a6f2f1c1c11', about: 'what it used, and what it cost' }],
	exits: [2, 3, 5, 6],
	async run({ arguments: given }, { ask }) {
		const bill = await ask('receipt', { session: given.SESSION ?? '' });
		const { record, lines, totalMicro } = bill;
		const end = record.endWallMs === undefined ? 'open' : formatTime(record.endWallMs);
		const rows = lines.map(({ text, of, unit, amount, tetheredBytes, costMicro }) => [
			text,
			of ?? '-',
			formatAmount(unit, amount),
			tetheredBytes === undefined ? '-' : formatAmount('byte', tetheredBytes),
			formatMoney(costMicro),
		]);
		const head = `account ${record.account}, station ${record.mac}, ${formatTime(record.startWallMs)} to ${end}`;
		const table = formatTable(columns, rows, 'nothing was used');
		return { text: `${head}\n\n${table}\ntotal ${formatMoney(totalMicro)}\n`, json: bill };
	},
};
