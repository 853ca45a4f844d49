import { batchNameRule } from '../../status/code-commands.ts';
import type { CliCommand } from '../cli-command.ts';
import { readValue } from '../read-value.ts';
import { readWhole } from '../read-whole.ts';

export const voucherBlock: CliCommand = {
	words: ['voucher', 'block'],
	summary: 'close the account of a set to one of its cards, which was lost',
	arguments: [
		{ name: 'BATCH', about: "the set's name" },
		{ name: 'SERIAL', about: 'the number on the card' },
	],
	examples: [{ line: 'octroi voucher block family 3', about: 'its stations are out at once; the others go on' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const done = await ask('voucher.block', {
			batch: readValue(batchNameRule, given.BATCH),
			serial: readWhole('SERIAL', given.SERIAL as string, { min: 1, max: 10_000 }),
		});
		return { text: `card ${done.serial} of ${done.batch} is blocked\n`, json: done };
	},
};
