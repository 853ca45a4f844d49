import type { AccountBalance, GrantRow, TransferRow } from '../../../agent/status/snapshot.ts';
import { inCells } from '../../../agent/text/cells.ts';
import { formatAmount } from '../../../agent/text/format-amount.ts';
import { amountsText, heading } from '../figures.ts';
import { beside, type Line, lineOf, type Style, span } from '../line.ts';
import type { Size, ViewInput } from '../view-input.ts';

const SALES_ROWS = 5;

/** Where the money is: what was sold, what stands granted to the kernel, what moved last. */
export function ledgerLines(input: ViewInput, area: Size): Line[] {
	const { model, glyphs, state } = input;
	if (!model) return [];
	const half = Math.floor((area.columns - 2) / 2);
	const top = area.rows >= 30 ? 10 : SALES_ROWS;
	const blocks = beside(
		fill(salesBlock(input, { columns: half, rows: top }), top + 1),
		fill(grantBlock(input, { columns: area.columns - half - 2, rows: top }), top + 1),
		half,
	);
	const listRows = Math.max(1, area.rows - blocks.length - 2);
	const first = Math.max(0, Math.min(state.scroll, model.transfers.length - listRows));
	const shown = model.transfers.slice(first, first + listRows);
	return [
		...blocks,
		[],
		heading('Recent transfers', area.columns, glyphs),
		...(shown.length === 0 ? [lineOf(span('none', 'dim'))] : shown.map((row) => transferLine(row, input))),
	];
}

const REASON_STYLES: Record<string, Style> = { topup: 'good', overrun: 'bad', expired: 'warn', throttled: 'warn' };

function transferLine(
	{ atMs, account, text, reason, unit, amount, plan }: TransferRow,
	{ timeText, glyphs }: ViewInput,
): Line {
	return lineOf(
		span(`${timeText(atMs)}  `, 'dim'),
		`${inCells(account, 14, glyphs)} `,
		inCells(formatAmount(unit, amount), 13, { right: true }),
		span(`  ${text}`, REASON_STYLES[reason] ?? 'plain'),
		span(plan === undefined ? '' : `  ${plan}`, 'dim'),
	);
}

function salesBlock({ model, glyphs }: ViewInput, area: Size): Line[] {
	if (!model) return [];
	const { sold } = model;
	const plans = sold.plans.slice(0, area.rows - 1);
	return [
		heading('Sold today', area.columns, glyphs),
		...plans.map(({ plan, count, unit, amount }) =>
			lineOf(
				inCells(String(count), 5, { right: true }),
				`  ${inCells(plan, Math.max(6, area.columns - 22), glyphs)}`,
				inCells(formatAmount(unit, amount), 15, { right: true }),
			),
		),
		sold.count === 0
			? lineOf(span('nothing yet', 'dim'))
			: lineOf(
					span(inCells(String(sold.count), 5, { right: true }), 'strong'),
					span(`  ${amountsText(sold, glyphs)}`, 'strong'),
				),
	];
}

function grantBlock({ model, glyphs }: ViewInput, area: Size): Line[] {
	if (!model) return [];
	const open: { account: AccountBalance; grant: GrantRow }[] = [];
	let byte = 0;
	let second = 0;
	for (const account of model.accounts.values()) {
		for (const grant of account.grants) {
			open.push({ account, grant });
			if (grant.unit === 'byte') byte += grant.amount;
			else second += grant.amount;
		}
	}
	const newest = open.sort((left, right) => right.grant.sinceMs - left.grant.sinceMs).slice(0, area.rows - 1);
	return [
		heading('Open grants', area.columns, glyphs),
		...newest.map(({ account, grant }) =>
			lineOf(
				inCells(account.account, Math.max(6, area.columns - 28), glyphs),
				inCells(formatAmount(grant.unit, grant.amount), 13, { right: true }),
				span(`  ${inCells(grant.plan, 13, glyphs)}`, 'dim'),
			),
		),
		lineOf(span(`${open.length} open`, 'strong'), `  ${amountsText({ byte, second }, glyphs)}`),
	];
}

function fill(lines: Line[], rows: number): Line[] {
	return [...lines, ...Array.from({ length: Math.max(0, rows - lines.length) }, () => [])];
}
