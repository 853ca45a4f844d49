import { type Html, html } from './html.ts';
import type { PlanModel } from './models.ts';
import type { PageContext } from './page-context.ts';

/** Plans as cards: title, amount, what happens with time and at the end. */
export function planList(page: PageContext, plans: readonly PlanModel[]): Html {
	return html`<ul class="plans">${plans.map((plan) => html`<li><strong><bdi>${plan.title}</bdi></strong> <span>${terms(page, plan)}</span></li>`)}</ul>`;
}

function terms({ t, format }: PageContext, plan: PlanModel): string {
	const parts = [format.amount(plan.unit, plan.amount)];
	if (plan.validForSeconds !== undefined) parts.push(t('plan_valid', { time: format.duration(plan.validForSeconds) }));
	if (plan.throttleBytesPerSecond !== undefined) {
		parts.push(t('plan_then_slow', { rate: format.rate(plan.throttleBytesPerSecond) }));
	} else parts.push(t('plan_stops'));
	return parts.join(' · ');
}
