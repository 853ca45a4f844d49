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
	parts.push(...classTerms(page, plan, 'own'), ...classTerms(page, plan, 'tethered'));
	if (plan.renews) parts.push(t('plan_renews'));
	else if (plan.grace !== undefined) {
		parts.push(t('plan_grace', { amount: format.amount(plan.grace.unit, plan.grace.amount) }));
	} else if (plan.throttleBytesPerSecond !== undefined) {
		parts.push(t('plan_then_slow', { rate: format.rate(plan.throttleBytesPerSecond) }));
	} else if (!plan.addOn) parts.push(t('plan_stops'));
	return parts.join(' · ');
}

/** After a part of it, or from the first byte; own flows are never blocked from there. */
const CLASS_TERMS = {
	own: {
		after: { slowed: 'own_after_slowed', blocked: 'own_after_blocked' },
		from: { slowed: 'own_plan_slowed', blocked: 'own_after_blocked' },
	},
	tethered: {
		after: { slowed: 'tethered_after_slowed', blocked: 'tethered_after_blocked' },
		from: { slowed: 'tethered_plan_slowed', blocked: 'tethered_plan_blocked' },
	},
} as const;

/** What one's own device, or those behind it, may have, where it is less. */
function classTerms({ t, format }: PageContext, plan: PlanModel, of: 'own' | 'tethered'): string[] {
	const terms = plan[of];
	if (terms === undefined || terms.rule === 'allowed') return [];
	const { afterBytes = 0, bytesPerSecond = 0 } = terms;
	const values = { amount: format.bytes(afterBytes), rate: format.rate(bytesPerSecond) };
	return [t(CLASS_TERMS[of][afterBytes > 0 ? 'after' : 'from'][terms.rule], values)];
}

/** How fast it may be spent: down first, as people ask. */
export function paceText({ t, format }: PageContext, { downBytesPerSecond, upBytesPerSecond }: PaceModel): string {
	const rates = [
		...(downBytesPerSecond === undefined ? [] : [`↓ ${format.rate(downBytesPerSecond)}`]),
		...(upBytesPerSecond === undefined ? [] : [`↑ ${format.rate(upBytesPerSecond)}`]),
	];
	return t('plan_speed', { rate: rates.join(' ') });
}
