import { batchNameRule } from '../../status/code-commands.ts';
import type { CliCommand } from '../cli-command.ts';
import { readValue } from '../read-value.ts';
import { readWhole } from '../read-whole.ts';

export const voucherUnblock: CliCommand = {
	words: ['voucher', 'unblock'],
	summary: 'open the account of a set again to a card that was found',
	arguments: [
		{ name: 'BATCH', about: "the set's name" },
		{ name: 'SERIAL', about: 'the number on the card' },
	],
	examples: [{ line: 'octroi voucher unblock family 3', about: 'it works again' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const done = await ask('voucher.unblock', {
			batch: readValue(batchNameRule, given.BATCH),
			serial: readWhole('SERIAL', given.SERIAL as string, { min: 1, max: 10_000 }),
		});
		return { text: `card ${done.serial} of ${done.batch} is unblocked\n`, json: done };
	},
};
