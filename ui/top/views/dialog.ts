import { drawable, inCells } from '../../../agent/text/cells.ts';
import { formatAmount } from '../../../agent/text/format-amount.ts';
import { fitLine, type Line, lineOf, span } from '../line.ts';
import type { Size, ViewInput } from '../view-input.ts';

/** A question over the screen: these lines replace the last ones. */
export function dialogLines({ state, model, glyphs }: ViewInput, { columns, rows }: Size): Line[] {
	const { dialog } = state;
	if (!dialog) return [];
	const rule = lineOf(span(glyphs.rule.repeat(columns), 'warn'));
	if (dialog.kind === 'confirm') {
		return [
			rule,
			lineOf(
				span(` ${drawable(dialog.question, glyphs)} `, 'strong'),
				' ',
				span('[y] yes', 'key', 'y'),
				'  ',
				span('[n] no', 'key', 'n'),
			),
		];
	}
	const plans = model?.plans ?? [];
	const listRows = Math.max(1, rows - 3);
	const first = Math.max(0, Math.min(dialog.index - Math.floor(listRows / 2), plans.length - listRows));
	const list = plans.slice(first, first + listRows).map(({ name, title, unit, amount }, index) => {
		const style = first + index === dialog.index ? 'selected' : 'plain';
		const text = ` ${inCells(name, 16, glyphs)} ${inCells(formatAmount(unit, amount), 14, { right: true })}  ${drawable(title, glyphs)}`;
		return fitLine([span(text, style)], columns, { style, ascii: glyphs.ascii });
	});
	return [
		rule,
		lineOf(
			span(` What shall ${dialog.account} buy? `, 'strong'),
			span('enter', 'key', 'enter'),
			' chooses, ',
			span('escape', 'key', 'escape'),
			' does not',
		),
		...list,
	];
}
