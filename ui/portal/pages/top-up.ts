import { codeForm } from '../code-form.ts';
import { html } from '../html.ts';
import { layout } from '../layout.ts';
import type { PlanModel, WalletModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';
import { planList } from '../plan-list.ts';
import { walletSection } from '../wallet-section.ts';

/** `wallet`: what plans with a price can be bought with. */
export type TopUpModel = {
	readonly account: string;
	readonly plans: readonly PlanModel[];
	readonly wallet?: WalletModel;
};

/** More credit without going offline. */
export function topUpPage(page: PageContext, { account, plans, wallet }: TopUpModel): string {
	const { t, features } = page;
	const content = html`<h1>${t('topup_title')}</h1>
<p class="lead">${t('topup_text')}</p>
${features.redeem ? codeForm(page) : html`<p>${t('topup_ask', { account })}</p>`}
${wallet && walletSection(page, wallet)}
${plans.length > 0 && html`<section aria-labelledby="plans"><h2 id="plans">${t('plans_title')}</h2><p class="hint">${t('plans_text')}</p>${planList(page, plans, wallet?.amount)}</section>`}`;
	return layout(page, { title: t('topup_title'), content });
}
