import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import type { WhyModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';
import { reasonText } from './receipt.ts';

/** From the traffic down to the package that paid: a tree of lists, which a screen reader walks too. */
export function whyPage(page: PageContext, { trees }: { readonly trees: readonly WhyModel[] }): string {
	const { t } = page;
	const content = html`<h1>${t('why_title')}</h1>
<p class="lead">${t('why_text')}</p>
${trees.length === 0 ? html`<p>${t('history_none')}</p>` : html`<ul class="tree">${trees.map((tree) => branch(page, tree))}</ul><p class="hint">${t('why_window')}</p>`}`;
	return layout(page, { title: t('why_title'), content });
}

function branch(page: PageContext, { unit, amount, paid, unpaid }: WhyModel): Html {
	const { t, format } = page;
	const leaf = (name: string, value: number) =>
		html`<li><span class="line"><span>${name}</span><span>${format.amount(unit, value)}</span></span></li>`;
	const sum = (leaves: readonly { amount: number }[]) => leaves.reduce((total, one) => total + one.amount, 0);
	const twig = (name: string, leaves: readonly { amount: number }[], inner: readonly Html[]) =>
		leaves.length > 0 &&
		html`<li><span class="line"><strong>${name}</strong><span>${format.amount(unit, sum(leaves))}</span></span><ul>${inner}</ul></li>`;
	return html`<li><span class="line"><strong>${t('why_traffic')}</strong><span>${format.amount(unit, amount)}</span></span><ul>
${twig(
	t('why_paid'),
	paid,
	paid.map((one) => leaf(t('why_package', { plan: one.plan }), one.amount)),
)}
${twig(
	t('why_unpaid'),
	unpaid,
	unpaid.map((one) => leaf(reasonText(page, one.reason), one.amount)),
)}
</ul></li>`;
}
