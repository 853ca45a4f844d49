import { batchNameRule } from '../../status/code-commands.ts';
import type { CliCommand } from '../cli-command.ts';
import { readValue } from '../read-value.ts';
import { readWhole } from '../read-whole.ts';

export const voucherVoid: CliCommand = {
	words: ['voucher', 'void'],
	summary: 'never take the unused codes of a batch again',
	details: ['What is redeemed stays redeemed: block its account to stop it.'],
	arguments: [{ name: 'BATCH', about: "the batch's name" }],
	options: [{ name: 'serial', value: 'N', about: 'only this one (default: all that are unused)' }],
	examples: [
		{ line: 'octroi voucher void summer', about: 'the list was lost' },
		{ line: 'octroi voucher void summer --serial 17', about: 'one card was lost' },
	],
	exits: [2, 3, 5, 6, 7],
	async run({ arguments: given, options }, { ask }) {
		const done = await ask('voucher.void', {
			batch: readValue(batchNameRule, given.BATCH),
			...(options.serial === undefined
				? {}
				: { serial: readWhole('--serial', options.serial, { min: 1, max: 10_000 }) }),
		});
		return { text: `${done.voided} unused codes of ${done.batch} are void\n`, json: done };
	},
};
