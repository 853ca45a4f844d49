import { planNameRule } from '../../core/plan-name.ts';
import type { CliCommand } from '../cli-command.ts';
import { readAccount, readValue } from '../read-value.ts';

export const accountTopup: CliCommand = {
	words: ['account', 'topup'],
	summary: 'credit an account with a plan',
	details: [
		'With --id the same command may be repeated after any failure: the plan is credited once.',
		'A station that had run out goes on at once, on its open connections.',
	],
	arguments: [{ name: 'ACCOUNT', about: "the account's id" }],
	options: [
		{ name: 'plan', value: 'NAME', about: 'what to credit; `octroi plan list` shows the plans', required: true },
		{ name: 'id', value: 'TRANSFER', about: 'an id for this purchase, such as the number of the receipt' },
		{ name: 'wallet', about: "pay the plan's price from the account's money" },
	],
	examples: [
		{ line: 'octroi account topup room-1 --plan ten-mb', about: 'credit 10 MB' },
		{
			line: 'octroi account topup room-1 --plan hour --id receipt-4711',
			about: 'credit once, however often it is run',
		},
	],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given, options, flags }, { ask }) {
		const done = await ask('account.topup', {
			account: readAccount(given.ACCOUNT),
			plan: readValue(planNameRule, options.plan),
			...(options.id === undefined ? {} : { transfer: options.id }),
			...(flags.has('wallet') ? { wallet: true } : {}),
		});
		const text =
			done.answer === 'exists'
				? `${done.transfer} had credited ${done.account} with ${done.plan} already: nothing changed\n`
				: `account ${done.account} is credited with ${done.plan} (transfer ${done.transfer})\n`;
		return { text, json: done };
	},
};
