import type { PlanRow } from '../../status/protocol.ts';
import { formatAmount, formatDuration, formatMoney, formatRate } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatTable } from '../format-table.ts';

const columns = [
	{ title: 'PLAN' },
	{ title: 'TITLE' },
	{ title: 'AMOUNT', align: 'right' },
	{ title: 'VALID FOR', align: 'right' },
	{ title: 'AT THE END' },
	{ title: 'FROM' },
	{ title: 'MORE' },
] as const;

export const planList: CliCommand = {
	words: ['plan', 'list'],
	summary: 'list what can be bought',
	details: [
		'FROM is where a plan stands: in the configuration (config), added by `octroi plan add`, or sent by the carrier.',
	],
	examples: [{ line: 'octroi plan list', about: 'the plans that are sold now' }],
	exits: [2, 5, 6],
	async run(_given, { ask }) {
		const plans = await ask('plan.list', {});
		const rows = plans.map((plan) => [
			plan.name,
			plan.title,
			formatAmount(plan.unit, plan.amount),
			plan.validForSeconds === undefined ? 'no end' : formatDuration(plan.validForSeconds),
			endOf(plan),
			plan.from,
			moreOf(plan),
		]);
		return { text: formatTable(columns, rows, 'no plans'), json: plans };
	},
};

function endOf({ throttleBytesPerSecond: throttle, grace }: PlanRow): string {
	if (throttle !== undefined) return `throttle to ${formatRate(throttle)}`;
	return grace === undefined ? 'block' : `${formatAmount(grace.unit, grace.amount)} more, then block`;
}

function moreOf({ priceMicro, tariff, pace = {}, stationsMax, renews, addOn, validFrom }: PlanRow): string {
	const { upBytesPerSecond: up, downBytesPerSecond: down } = pace;
	const parts = [
		...(priceMicro === undefined ? [] : [`price ${formatMoney(priceMicro)}`]),
		...(tariff === undefined ? [] : [`tariff ${tariff.name}`]),
		...(down === undefined ? [] : [`down ${formatRate(down)}`]),
		...(up === undefined ? [] : [`up ${formatRate(up)}`]),
		...(stationsMax === undefined ? [] : [`${stationsMax} stations`]),
		...(validFrom === undefined ? [] : ['valid from first use']),
		...(renews === undefined ? [] : ['renews']),
		...(addOn === undefined ? [] : ['add-on']),
	];
	return parts.join(', ') || '-';
}
