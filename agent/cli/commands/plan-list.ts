import { formatAmount, formatDuration, formatRate } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatTable } from '../format-table.ts';

const columns = [
	{ title: 'PLAN' },
	{ title: 'TITLE' },
	{ title: 'AMOUNT', align: 'right' },
	{ title: 'VALID FOR', align: 'right' },
	{ title: 'AT THE END' },
] as const;

export const planList: CliCommand = {
	words: ['plan', 'list'],
	summary: 'list what can be bought',
	examples: [{ line: 'octroi plan list', about: "the plans of the agent's configuration" }],
	exits: [2, 5, 6],
	async run(_given, { ask }) {
		const plans = await ask('plan.list', {});
		const rows = plans.map((plan) => [
			plan.name,
			plan.title,
			formatAmount(plan.unit, plan.amount),
			plan.validForSeconds === undefined ? 'no end' : formatDuration(plan.validForSeconds),
			plan.throttleBytesPerSecond === undefined ? 'block' : `throttle to ${formatRate(plan.throttleBytesPerSecond)}`,
		]);
		return { text: formatTable(columns, rows, 'no plans'), json: plans };
	},
};
