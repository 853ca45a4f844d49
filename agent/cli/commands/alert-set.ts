import { OctroiError } from '../../core/octroi-error.ts';
import { AMOUNT_MAX } from '../../core/units.ts';
import { oneOf } from '../../core/value-rule.ts';
import type { CliCommand } from '../cli-command.ts';
import { readAccount, readValue, readWhole } from '../read-value.ts';

export const alertSet: CliCommand = {
	words: ['alert', 'set'],
	summary: 'warn when an account has little left, or has used a part',
	details: ['An alert is raised once, and armed again by the next purchase. `octroi account show` lists them.'],
	arguments: [
		{ name: 'ACCOUNT', about: "the account's id, or a group's" },
		{ name: 'ALERT', about: 'a name for the alert; the same name changes it' },
		{ name: 'UNIT', about: 'byte, second or micro (millionths of the currency)' },
	],
	options: [
		{ name: 'remaining', value: 'N', about: 'raise it when at most so much is left' },
		{ name: 'percent', value: 'N', about: 'raise it when so many percent of what was bought are used' },
	],
	examples: [
		{ line: 'octroi alert set room-1 low byte --remaining 52428800', about: 'at 50 MiB' },
		{ line: 'octroi alert set family most byte --percent 80', about: 'when four fifths are used' },
	],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given, options }, { ask }) {
		const { remaining, percent } = options;
		if ((remaining === undefined) === (percent === undefined)) {
			throw new OctroiError('usage', 'an alert needs either --remaining or --percent', {
				fix: 'octroi alert set --help',
			});
		}
		const done = await ask('alert.set', {
			account: readAccount(given.ACCOUNT),
			alert: given.ALERT ?? '',
			unit: readValue(oneOf(['byte', 'second', 'micro']), given.UNIT),
			...(remaining === undefined
				? {}
				: { remaining: readWhole('--remaining', remaining, { min: 0, max: AMOUNT_MAX }) }),
			...(percent === undefined ? {} : { percent: readWhole('--percent', percent, { min: 1, max: 100 }) }),
		});
		return { text: `alert ${done.alert} of ${done.account}: ${done.answer}\n`, json: done };
	},
};
