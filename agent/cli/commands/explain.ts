import type { ExplainedItem, ExplainedRecord, Purchase } from '../../status/protocol.ts';
import { formatAmount, formatMoney, formatTime } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { readAccount, readLimit } from '../read-value.ts';

export const explain: CliCommand = {
	words: ['explain'],
	summary: 'say why an account was charged: session, package or tariff, plan, purchase',
	arguments: [{ name: 'ACCOUNT', about: "the account's id" }],
	options: [
		{ name: 'session', value: 'SESSION', about: 'only this session' },
		{ name: 'limit', value: 'N', about: 'how many sessions, 1 to 1000 (default: 50)' },
	],
	examples: [{ line: 'octroi explain room-1 --limit 1', about: 'the last session, as a tree' }],
	exits: [2, 3, 5, 6],
	async run({ arguments: given, options }, { ask }) {
		const explanation = await ask('explain', {
			account: readAccount(given.ACCOUNT),
			limit: readLimit(options.limit),
			...(options.session === undefined ? {} : { session: options.session }),
		});
		const lines = explanation.records.flatMap(recordLines);
		return { text: lines.length === 0 ? 'no sessions\n' : `${lines.join('\n')}\n`, json: explanation };
	},
};

function recordLines(record: ExplainedRecord): string[] {
	const end = record.endWallMs === undefined ? 'open' : `${formatTime(record.endWallMs)} (${record.endReason})`;
	return [
		`session ${record.session}: ${formatTime(record.startWallMs)} to ${end}, cost ${formatMoney(record.costMicro)}`,
		...record.items.flatMap((item, index) => itemLines(item, index === record.items.length - 1)),
	];
}

function itemLines(item: ExplainedItem, isLast: boolean): string[] {
	const cost = item.costMicro === undefined ? '' : `: ${formatMoney(item.costMicro)}`;
	const tethered = item.tetheredBytes === undefined ? '' : ` (${formatAmount('byte', item.tetheredBytes)} tethered)`;
	const [branch, indent] = isLast ? ['└─', '  '] : ['├─', '│ '];
	const causes = [...tariffLines(item), ...purchaseLines(item.purchase)];
	return [
		`${branch} ${formatAmount(item.unit, item.amount)} ${item.text}${tethered}${cost}`,
		...causes.map((line, depth) => `${indent} ${'   '.repeat(depth)}└─ ${line}`),
	];
}

function tariffLines({ tariff }: ExplainedItem): string[] {
	if (tariff === undefined) return [];
	const { name, unit, priceMicro, per, free, first, step } = tariff;
	const parts = [
		`tariff ${name}: ${formatMoney(priceMicro)} for ${formatAmount(unit, per)}`,
		...(free > 0 ? [`the first ${formatAmount(unit, free)} free`] : []),
		...(first > 1 || step > 1 ? [`charged by ${formatAmount(unit, first)}, then ${formatAmount(unit, step)}`] : []),
	];
	return [parts.join(', ')];
}

function purchaseLines(purchase: Purchase | undefined): string[] {
	if (purchase === undefined) return [];
	const { kind, plan, package: id, account, unit, amount, wallMs, from } = purchase;
	const line = `plan ${plan}, ${formatAmount(unit, amount)}, ${kind} ${formatTime(wallMs)} by ${account} (${id})`;
	return [line, ...purchaseLines(from)];
}
