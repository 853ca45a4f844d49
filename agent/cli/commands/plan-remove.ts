import { planNameRule } from '../../core/plan-name.ts';
import type { CliCommand } from '../cli-command.ts';
import { readValue } from '../read-value.ts';

export const planRemove: CliCommand = {
	words: ['plan', 'remove'],
	summary: 'take a plan that was added off sale',
	details: ['What was bought of it keeps its terms, and so do codes that were made for it.'],
	arguments: [{ name: 'NAME', about: "the plan's name, as `octroi plan list` shows it" }],
	examples: [{ line: 'octroi plan remove fair-day', about: 'it cannot be bought any more' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const done = await ask('plan.remove', { plan: readValue(planNameRule, given.NAME) });
		return { text: `plan ${done.plan} is removed\n`, json: done };
	},
};
