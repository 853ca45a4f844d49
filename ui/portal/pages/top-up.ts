import { codeForm } from '../code-form.ts';
import { html } from '../html.ts';
import { layout } from '../layout.ts';
import type { PlanModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';
import { planList } from '../plan-list.ts';

/** More credit without going offline. */
export function topUpPage(
	page: PageContext,
	{ account, plans }: { readonly account: string; readonly plans: readonly PlanModel[] },
): string {
	const { t, features } = page;
	const content = html`<h1>${t('topup_title')}</h1>
<p class="lead">${t('topup_text')}</p>
${features.redeem ? codeForm(page) : html`<p>${t('topup_ask', { account })}</p>`}
${plans.length > 0 && html`<section aria-labelledby="plans"><h2 id="plans">${t('plans_title')}</h2><p class="hint">${t('plans_text')}</p>${planList(page, plans)}</section>`}`;
	return layout(page, { title: t('topup_title'), content });
}
