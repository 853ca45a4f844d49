import { batchNameRule } from '../../status/code-commands.ts';
import type { CliCommand } from '../cli-command.ts';
import { readValue } from '../read-value.ts';
import { readWhole } from '../read-whole.ts';

export const voucherRevoke: CliCommand = {
	words: ['voucher', 'revoke'],
	summary: 'never take the unused codes of a batch again',
	details: ['What is redeemed stays redeemed: block its account to stop it.'],
	arguments: [{ name: 'BATCH', about: "the batch's name" }],
	options: [{ name: 'serial', value: 'N', about: 'only this one (default: all that are unused)' }],
	examples: [
		{ line: 'octroi voucher revoke summer', about: 'the list was lost' },
		{ line: 'octroi voucher revoke summer --serial 17', about: 'one card was lost' },
	],
	exits: [2, 3, 5, 6, 7],
	async run({ arguments: given, options }, { ask }) {
		const done = await ask('voucher.revoke', {
			batch: readValue(batchNameRule, given.BATCH),
			...(options.serial === undefined
				? {}
				: { serial: readWhole('--serial', options.serial, { min: 1, max: 10_000 }) }),
		});
		return { text: `${done.revoked} unused codes of ${done.batch} are revoked\n`, json: done };
	},
};
