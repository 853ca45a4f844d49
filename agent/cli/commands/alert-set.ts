import { OctroiError } from '../../core/octroi-error.ts';
import type { Unit } from '../../core/units.ts';
import { formatAmount } from '../../text/format-amount.ts';
import type { CliCommand, Given } from '../cli-command.ts';
import { readAmountText, readPercent } from '../read-amount.ts';
import { readAccount } from '../read-value.ts';
import { readWhole } from '../read-whole.ts';

const UNITS: readonly string[] = ['byte', 'second', 'micro'] satisfies Unit[];

export const alertSet: CliCommand = {
	words: ['alert', 'set'],
	summary: 'warn when an account has little left, or has used a part',
	details: ['An alert is raised once, and armed again by the next purchase. `octroi account show` lists them.'],
	arguments: [
		{ name: 'ACCOUNT', about: "the account's id, or a group's" },
		{ name: 'ALERT', about: 'a name for the alert; the same name changes it' },
		{
			name: 'WHEN',
			about: 'so much left: 500MB, 2h; so much of the data used: 80%; or byte, second or micro with an option',
		},
	],
	options: [
		{ name: 'remaining', value: 'AMOUNT', about: 'raise it when at most so much of the unit is left' },
		{ name: 'percent', value: 'N', about: 'raise it when so many percent of what was bought in the unit are used' },
	],
	examples: [
		{ line: 'octroi alert set room-1 low 50MB', about: 'at 50 MB left' },
		{ line: 'octroi alert set family most 80%', about: 'when four fifths of the data are used' },
		{ line: 'octroi alert set room-1 time second --percent 90', about: 'when nine tenths of the time are used' },
		{ line: 'octroi alert set room-1 money micro --remaining 2000000', about: 'at 2.00 left in the wallet' },
	],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given, options }, { ask }) {
		const { unit, ...threshold } = readThreshold(given.WHEN as string, options);
		const done = await ask('alert.set', {
			account: readAccount(given.ACCOUNT),
			alert: given.ALERT ?? '',
			unit,
			...threshold,
		});
		const at =
			'percent' in threshold ? `${threshold.percent} % used` : `${formatAmount(unit, threshold.remaining)} left`;
		return { text: `alert ${done.alert} of ${done.account}: ${done.answer}, at ${at}\n`, json: done };
	},
};

type Threshold = { readonly unit: Unit } & ({ readonly remaining: number } | { readonly percent: number });

/** @throws OctroiError `usage`, `invalid_value` */
function readThreshold(when: string, { remaining, percent }: Given['options']): Threshold {
	const isUnit = UNITS.includes(when);
	const count = [remaining, percent].filter((text) => text !== undefined).length;
	if (count !== (isUnit ? 1 : 0)) {
		const what = isUnit ? `the unit ${when} needs either --remaining or --percent` : `${when} needs no option`;
		throw new OctroiError('usage', what, { fix: 'octroi alert set --help' });
	}
	if (!isUnit) {
		const part = readPercent('WHEN', when);
		if (part !== undefined) return { unit: 'byte', percent: part };
		if (/^\d+$/.test(when)) {
			throw new OctroiError('invalid_value', `WHEN ${when} has no unit`, { fix: 'give such as 500MB, 2h or 80%' });
		}
		const { unit, amount } = readAmountText('WHEN', when, { unit: 'byte', isFixed: false, min: 0 });
		return { unit, remaining: amount };
	}
	const unit = when as Unit;
	if (remaining !== undefined)
		return { unit, remaining: readAmountText('--remaining', remaining, { unit, min: 0 }).amount };
	const text = percent as string;
	return { unit, percent: readPercent('--percent', text) ?? readWhole('--percent', text, { min: 1, max: 100 }) };
}
