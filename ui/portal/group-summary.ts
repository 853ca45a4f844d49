import { type Html, html } from './html.ts';
import type { AllowanceModel, GroupModel } from './models.ts';
import type { PageContext } from './page-context.ts';

/** What a group has, and what of it this customer may have. */
export function groupSummary(page: PageContext, { group, left, mine }: GroupModel): Html {
	const { t, format } = page;
	const amounts = left.map(({ unit, amount }) => format.amount(unit, amount));
	return html`<p class="line"><strong><bdi>${group}</bdi></strong><span>${amounts.length === 0 ? t('group_empty') : t('group_left', { amount: amounts.join(' · ') })}</span></p>
${mine.map((one) => html`<p class="hint">${allowanceText(page, one)}</p>${one.allowance !== undefined && html`<progress max="100" value="${percentOf(one)}" aria-label="${allowanceText(page, one)}">${percentOf(one)}</progress>`}`)}`;
}

/** `120 MB of 500 MB in this cycle`. */
export function allowanceText({ t, format }: PageContext, { unit, drawn, allowance }: AllowanceModel): string {
	const used = format.amount(unit, drawn);
	if (allowance === undefined) return t('group_no_limit', { used });
	return t('group_allowance', { used, amount: format.amount(unit, allowance) });
}

function percentOf({ drawn, allowance = 0 }: AllowanceModel): number {
	return allowance === 0 ? 100 : Math.min(100, Math.floor((100 * drawn) / allowance));
}
