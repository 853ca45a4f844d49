import { type Html, html } from './html.ts';
import type { PaceModel, PlanModel } from './models.ts';
import type { PageContext } from './page-context.ts';
import { tariffText } from './tariff-text.ts';

/**
 * Plans as cards: title, price, amount, what happens with time and at the end.
 *
 * @param wallet money that those with a price can be bought with; undefined: there is no wallet
 */
export function planList(page: PageContext, plans: readonly PlanModel[], wallet?: number): Html {
	return html`<ul class="plans">${plans.map((plan) => html`<li><strong><bdi>${plan.title}</bdi></strong> <span>${terms(page, plan)}</span>${wallet !== undefined && plan.priceMicro !== undefined && buyForm(page, plan, plan.priceMicro, wallet)}</li>`)}</ul>`;
}

function buyForm({ t, format, href, proof }: PageContext, plan: PlanModel, price: number, wallet: number): Html {
	if (price > wallet) return html`<p class="hint">${t('buy_short', { amount: format.price(price - wallet) })}</p>`;
	return html`<form method="post" action="${href('/buy')}">${proof('/buy')}<input type="hidden" name="plan" value="${plan.name}"><button class="quiet">${t('buy_button', { price: format.price(price) })}<span class="visually-hidden"> <bdi>${plan.title}</bdi></span></button></form>`;
}

function terms(page: PageContext, plan: PlanModel): string {
	const { t, format } = page;
	const { priceMicro, tariff, validForSeconds, stationsMax } = plan;
	const parts = priceMicro === undefined ? [] : [format.price(priceMicro)];
	parts.push(format.amount(plan.unit, plan.amount));
	if (tariff !== undefined) parts.push(tariffText(page, tariff));
	if (plan.pace !== undefined) parts.push(paceText(page, plan.pace));
	if (stationsMax !== undefined) parts.push(t('plan_devices', { count: stationsMax }));
	if (validForSeconds !== undefined) {
		const key = plan.addOn ? 'plan_extends' : plan.validFrom === 'first_use' ? 'plan_valid_use' : 'plan_valid';
		parts.push(t(key, { time: format.duration(validForSeconds) }));
	}
	parts.push(...tetheredTerms(page, plan));
	if (plan.renews) parts.push(t('plan_renews'));
	else if (plan.grace !== undefined) {
		parts.push(t('plan_grace', { amount: format.amount(plan.grace.unit, plan.grace.amount) }));
	} else if (plan.throttleBytesPerSecond !== undefined) {
		parts.push(t('plan_then_slow', { rate: format.rate(plan.throttleBytesPerSecond) }));
	} else if (!plan.addOn) parts.push(t('plan_stops'));
	return parts.join(' · ');
}

/** What devices behind one's own may have, where it is less. */
function tetheredTerms({ t, format }: PageContext, { tethered }: PlanModel): string[] {
	if (tethered === undefined || tethered.rule === 'allowed') return [];
	const { afterBytes = 0, bytesPerSecond = 0 } = tethered;
	const values = { amount: format.bytes(afterBytes), rate: format.rate(bytesPerSecond) };
	if (tethered.rule === 'slowed') return [t(afterBytes > 0 ? 'tethered_after_slowed' : 'tethered_plan_slowed', values)];
	return [t(afterBytes > 0 ? 'tethered_after_blocked' : 'tethered_plan_blocked', values)];
}

/** How fast it may be spent: down first, as people ask. */
export function paceText({ t, format }: PageContext, { downBytesPerSecond, upBytesPerSecond }: PaceModel): string {
	const rates = [
		...(downBytesPerSecond === undefined ? [] : [`↓ ${format.rate(downBytesPerSecond)}`]),
		...(upBytesPerSecond === undefined ? [] : [`↑ ${format.rate(upBytesPerSecond)}`]),
	];
	return t('plan_speed', { rate: rates.join(' ') });
}
