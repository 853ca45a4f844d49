import { amountFields, unitField, unitName } from '../amount-fields.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import type { AlertModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';

/** `units`: what the customer has, or could have. */
export type AlertsModel = { readonly alerts: readonly AlertModel[]; readonly units: readonly string[] };

/** When a customer wants to be told: at a rest, or at a part of what was bought. */
export function alertsPage(page: PageContext, { alerts, units }: AlertsModel): string {
	const { t, href, proof } = page;
	const content = html`<h1>${t('alerts_title')}</h1>
<p class="lead">${t('alerts_text')}</p>
${alerts.length > 0 && html`<ul class="packages">${alerts.map((alert) => alertItem(page, alert))}</ul>`}
<form method="post" action="${href('/alerts')}" class="card">
${proof('/alerts')}<input type="hidden" name="kind" value="rest">
${amountFields(page, units, 'rest')}
<button>${t('alerts_button')}</button>
</form>
<form method="post" action="${href('/alerts')}" class="card">
${proof('/alerts')}<input type="hidden" name="kind" value="percent">
${unitField(page, units, 'part')}
<label for="percent">${t('alerts_label')}</label>
<input id="percent" name="percent" type="number" inputmode="numeric" min="1" max="99" step="1" required>
<button>${t('alerts_button')}</button>
</form>`;
	return layout(page, { title: t('alerts_title'), content });
}

function alertItem(page: PageContext, alert: AlertModel): Html {
	const { t, href, proof } = page;
	return html`<li><form method="post" action="${href('/alerts/remove')}" class="line">${proof('/alerts/remove')}<input type="hidden" name="alert" value="${alert.id}"><strong>${alertText(page, alert)}</strong><button class="quiet danger">${t('device_remove')}<span class="visually-hidden"> ${alertText(page, alert)}</span></button></form></li>`;
}

/** `less than 20 MB left`; of a part, with what it is a part of. */
function alertText(page: PageContext, { unit, remaining, usedPercent = 0 }: AlertModel): string {
	const { t, format } = page;
	if (remaining !== undefined) return t('alert_at', { amount: format.amount(unit, remaining) });
	return `${unitName(page, unit)}: ${t('alert_at', { amount: format.percent((100 - usedPercent) / 100) })}`;
}
