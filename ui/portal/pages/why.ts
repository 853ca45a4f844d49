import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import type { PurchaseModel, WhyModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';
import { reasonText } from '../reason-text.ts';
import { sessionTime, sessionUse } from '../session-line.ts';
import { tariffText } from '../tariff-text.ts';

/** From each session down to the purchase that paid: a tree of lists, which a screen reader walks too. */
export function whyPage(page: PageContext, { sessions }: { readonly sessions: readonly WhyModel[] }): string {
	const { t } = page;
	const trees = sessions.map(
		(session, index) =>
			html`<details${index === 0 && html` open`}><summary class="line"><span><strong><bdi>${session.device}</bdi></strong> <span class="hint">${sessionTime(page, session)}</span></span><span>${sessionUse(page, session)}</span></summary>${tree(page, session)}</details>`,
	);
	const content = html`<h1>${t('why_title')}</h1>
<p class="lead">${t('why_text')}</p>
${trees.length === 0 ? html`<p>${t('history_none')}</p>` : html`${trees}<p class="hint">${t('why_window')}</p>`}`;
	return layout(page, { title: t('why_title'), content });
}

function tree(page: PageContext, { items, open }: WhyModel): Html {
	const { t, format } = page;
	const leaf = (name: string, value: string, inner?: Html | false) =>
		html`<li><span class="line"><span>${name}</span><span>${value}</span></span>${inner}</li>`;
	const paid = items.filter(({ reason }) => reason === 'used' || reason === 'rated');
	const unpaid = items.filter((item) => !paid.includes(item));
	return html`<ul class="tree">
${open && leaf(t('reason_open'), format.amount(open.unit, open.amount))}
${
	paid.length > 0 &&
	html`<li><strong>${t('why_paid')}</strong><ul>${paid.map(
		({ unit, amount, tariff, costMicro = 0, tetheredBytes, purchase }) => {
			const part = tetheredBytes !== undefined && leaf(t('tethered_title'), format.bytes(tetheredBytes));
			if (tariff) {
				const price = html`<ul>${leaf(tariffText(page, tariff), format.price(costMicro))}${part}</ul>`;
				return leaf(t('why_tariff', { name: tariff.name }), format.amount(unit, amount), price);
			}
			const name = purchase === undefined ? t('reason_used') : t('why_package', { plan: purchase.plan });
			return leaf(name, format.amount(unit, amount), purchase && html`<ul>${origin(page, purchase)}${part}</ul>`);
		},
	)}</ul></li>`
}
${unpaid.length > 0 && html`<li><strong>${t('why_unpaid')}</strong><ul>${unpaid.map(({ reason, unit, amount }) => leaf(reasonText(page, reason), format.amount(unit, amount)))}</ul></li>`}
</ul>`;
}

/** How the package came, and what is behind it. */
function origin(page: PageContext, { kind, unit, amount, wallMs, from }: PurchaseModel): Html {
	const { format } = page;
	return html`<li><span class="line"><span>${reasonText(page, kind)}, ${format.moment(wallMs)}</span><span>${format.amount(unit, amount)}</span></span>${from && html`<ul>${origin(page, from)}</ul>`}</li>`;
}
