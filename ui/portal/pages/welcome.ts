import { codeForm } from '../code-form.ts';
import { html } from '../html.ts';
import { layout } from '../layout.ts';
import type { FreePlanModel, PlanModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';
import { planList } from '../plan-list.ts';

export type WelcomeModel = {
	readonly plans: readonly PlanModel[];
	readonly free?: FreePlanModel;
	readonly code?: string;
};

/** For a station that nobody pays for yet. */
export function welcomePage(page: PageContext, { plans, free, code }: WelcomeModel): string {
	const { t, venue, features, href, proof } = page;
	const content = html`<h1>${t('welcome_title')}</h1>
<p class="lead">${features.redeem || free ? t('welcome_text', { venue: venue.name }) : t('welcome_ask')}</p>
${features.redeem && html`<section aria-labelledby="redeem"><h2 id="redeem">${t('redeem_title')}</h2>${codeForm(page, code)}</section>`}
${features.pair && html`<p><a href="${href('/join')}">${t('pair_join')}</a></p>`}
${
	free &&
	html`<section aria-label="${free.plan.title}">${
		free.isTaken
			? html`<p class="hint">${t('free_taken')}</p>`
			: html`<form method="post" action="${href('/free')}">${proof('/free')}<button class="${features.redeem && 'quiet'}">${t('free_take', { plan: free.plan.title })}</button><p class="hint">${t('free_text')}</p></form>`
	}</section>`
}
${plans.length > 0 && html`<section aria-labelledby="plans"><h2 id="plans">${t('plans_title')}</h2>${features.redeem && html`<p class="hint">${t('plans_text')}</p>`}${planList(page, plans)}</section>`}`;
	return layout(page, { title: t('welcome_title'), content });
}
